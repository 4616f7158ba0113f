# A closed value found at the start is opened before the right is proven.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: F07-aborted-failover.txt
s/now - since >= Timing\.entitledPatience/true/;s/if let since = fence\.entitledSince,/if let since = Optional(now), since == now,/
