# A Sentinel whose clock was set back confirms nothing.
# file: Sources/FailoverCore/Sentinels/SentinelView.swift
# caught by: 87-clock-of-sentinels-set-back.txt
s/^      flags\.isDisjoint\(with: \.down\), let age = lastPong$/      flags.isDisjoint(with: .down), let age = lastPong, age >= .zero/
