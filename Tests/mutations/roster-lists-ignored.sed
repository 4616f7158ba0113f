# Whoever is in contact agrees, whomever it lists.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
# caught by: 101-lists-that-differ.txt
s/guard agreed\.map\(\{ \$0 == runIDs \}\) \?\? true else/guard !runIDs.isEmpty else/
