# A claim in the same epoch ends a holding.
# file: Sources/FailoverCore/Address/HoldingRules.swift
s/if claim\.epoch > holding\.epoch \{/if claim.epoch >= holding.epoch {/
