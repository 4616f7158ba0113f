# What is delivered before a Redis that hung has answered again is believed.
# file: Sources/FailoverCore/Local/LocalInstance.swift
# caught by: T12-yield-kept-by-a-hung-redis.txt
s/guard let provenAt, now - provenAt <= Timing\.localProofLifetime else \{ return false \}//
