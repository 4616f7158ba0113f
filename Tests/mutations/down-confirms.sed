# A reply with s_down confirms.
# file: Sources/FailoverCore/Evidence.swift
s/guard flags\.isDisjoint\(with: \.down\), let age = lastPong else/guard let age = lastPong else/
