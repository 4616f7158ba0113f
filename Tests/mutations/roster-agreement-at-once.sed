# Sentinels that agree for a moment leave out all others.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
# caught by: 76-phantom-agreed.txt
s/now - present\.since >= Timing\.agreementTime/now - present.since >= .zero/
