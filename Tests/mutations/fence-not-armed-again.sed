# An opened fence stays open when the replicas are back.
# file: Sources/FailoverCore/Fence/FenceRules.swift
s/if good >= full\.minReplicas \{/if good >= full.minReplicas, now.nanoseconds < 0 {/
