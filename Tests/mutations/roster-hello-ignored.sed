# The operator's word stands against a hello.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
# caught by: 78-phantom-forgotten.txt
s/if isAlive \|\| known\[index\]\.fate == \.retired/if known[index].fate == .retired/
