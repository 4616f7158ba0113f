# A closed value found at the start is opened before the right is proven.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/now - since >= Timing\.entitledPatience/true/;s/if let since = fence\.entitledSince,/if let since = Optional(now), since == now,/
