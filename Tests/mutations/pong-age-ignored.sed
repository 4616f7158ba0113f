# The lease counts from the poll, not from the pong.
# file: Sources/FailoverCore/Sentinels/SentinelView.swift
# caught by: 02-old-master-side.txt
s/sentAt - max\(age, .zero\)/sentAt/
