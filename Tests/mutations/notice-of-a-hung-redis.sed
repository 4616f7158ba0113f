# What is delivered before a Redis that hung has answered again is believed.
# file: Sources/FailoverCore/Local/LocalInstance.swift
s/guard let provenAt, now - provenAt <= Timing\.localProofLifetime else \{ return false \}//
