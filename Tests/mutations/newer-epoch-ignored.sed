# A claim in a newer epoch does not end a holding.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
s/if claim.epoch > tenure.epoch \{/if claim.epoch > tenure.epoch + 100 {/
