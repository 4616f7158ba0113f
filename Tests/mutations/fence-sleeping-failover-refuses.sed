# A holder leaves closed what it closed itself, as long as a failover is pending anywhere.
# file: Sources/FailoverCore/Fence/FenceRules.swift
/if isClosedHere \{ return false \}/d
