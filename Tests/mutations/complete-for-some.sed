# One replica of the stream is enough to say that no write is missing.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D58-streams-differ.txt
s/streams == \[base\.stream\]/streams.contains(base.stream)/
