# A closed value stays on a replica.
# file: Sources/FailoverCore/Fence/FenceRules.swift
s/return isClosed \|\| isOpenedForSelection \?/return isOpenedForSelection ?/
