# A holding outlives its kernel lifetime.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
s/if isExpired\(tenure, at: now\),/if isExpired(tenure, at: now), now.nanoseconds < 0,/
