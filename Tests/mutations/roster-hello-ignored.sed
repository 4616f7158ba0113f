# The operator's word stands against a hello.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
s/if isAlive \|\| known\[index\]\.fate == \.retired/if known[index].fate == .retired/
