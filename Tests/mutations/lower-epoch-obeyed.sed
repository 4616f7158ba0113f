# A claim in the same epoch ends a holding.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
s/if claim.epoch > tenure.epoch \{/if claim.epoch >= tenure.epoch {/
