# A claim in a newer epoch does not end a holding.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: 107-paused-holder-restarts.txt
s/if claim\.epoch > holding\.epoch \{/if claim.epoch > holding.epoch + 100 {/
