# A Sentinel whose clock was set back confirms nothing.
# file: Sources/FailoverCore/Sentinels/SentinelView.swift
s/^      flags\.isDisjoint\(with: \.down\), let age = lastPong$/      flags.isDisjoint(with: .down), let age = lastPong, age >= .zero/
