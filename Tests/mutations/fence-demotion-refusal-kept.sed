# A refused demotion is told although Sentinel has made this node a replica.
# file: Sources/FailoverCore/FailoverMachine+FenceOrders.swift
/if fence\.problem\?\.isOfRole == true \{ recordFenceProblem\(nil, \&orders\) \}/d
