# A Sentinel whose clock was set back confirms nothing.
# file: Sources/FailoverCore/Evidence.swift
s/guard flags\.isDisjoint\(with: \.down\), let age = lastPong else \{ return nil \}/guard flags.isDisjoint(with: .down), let age = lastPong, age >= .zero else { return nil }/
