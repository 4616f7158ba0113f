# A holder leaves closed what it closed itself, as long as a failover is pending anywhere.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: F37-failover-asleep-in-tilt.txt
/if isClosedHere \{ return false \}/d
