# An answered probe does not keep from taking.
# file: Sources/FailoverCore/FailoverMachine+Releasing.swift
s/if probe.claimedBy == nil, now - completed/if now - completed/
