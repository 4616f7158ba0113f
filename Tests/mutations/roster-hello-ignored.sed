# The operator's word stands against a hello.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
s/if isAlive \|\| known\[place\]\.fate == \.retired/if known[place].fate == .retired/
