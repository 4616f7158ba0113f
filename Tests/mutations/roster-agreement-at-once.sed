# Sentinels that agree for a moment leave out all others.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
s/now - present\.since >= Timing\.agreementTime/now - present.since >= .zero/
