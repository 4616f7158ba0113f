# A reply with s_down confirms.
# file: Sources/FailoverCore/Sentinels/SentinelView.swift
# caught by: 52-held-down-with-fresh-pongs.txt
s/^      flags\.isDisjoint\(with: \.down\), let age = lastPong$/      flags.rawValue > 0, let age = lastPong/
