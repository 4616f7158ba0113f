# A reply with s_down confirms.
# file: Sources/FailoverCore/Evidence.swift
s/guard flags.isDisjoint\(with: .down\) else \{ return nil \}/_ = flags/
