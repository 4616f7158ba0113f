# A vote for a leader out of contact changes nothing.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
s/if evidence.unseenElection == nil \{/if evidence.roster.highWater >= 0 {/
