# Whoever is in contact agrees, whomever it lists.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
s/guard agreed\.map\(\{ \$0 == runIDs \}\) \?\? true else/guard !runIDs.isEmpty else/
