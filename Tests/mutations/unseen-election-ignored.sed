# A vote for a leader out of contact changes nothing.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: 26-unseen-election.txt
s/if panel\.elections\.unseen == nil \{/if panel.roster.highWater >= 0 {/
