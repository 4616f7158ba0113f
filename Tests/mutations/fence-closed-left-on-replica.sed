# A closed value stays on a replica.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: F12-closed-value-found-on-a-replica.txt
s/return isClosed \|\| isOpenedForSelection \?/return isOpenedForSelection ?/
