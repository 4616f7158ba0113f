# The lease counts from the poll, not from the pong.
# file: Sources/FailoverCore/Sentinels/SentinelView.swift
s/sentAt - max\(age, .zero\)/sentAt/
