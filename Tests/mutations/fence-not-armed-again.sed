# An opened fence stays open when the replicas are back.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: D01-killed.txt
s/if good >= full\.minReplicas \{/if good >= full.minReplicas, now.nanoseconds < 0 {/
