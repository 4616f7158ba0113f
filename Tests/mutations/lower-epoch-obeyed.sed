# A claim in the same epoch ends a holding.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: 22-misconfigured-sentinel.txt
s/if claim\.epoch > holding\.epoch \{/if claim.epoch >= holding.epoch {/
