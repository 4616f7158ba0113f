# The lease is a minute longer than it is.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
s/if let ends = leaseEnds, ends > now \{/if let ends = leaseEnds, ends + .seconds(60) > now {/
