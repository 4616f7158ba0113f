# One Sentinel is enough to open the fence.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: F24-forgotten-replica.txt
s/return confirming >= panel\.counts\.majority/return confirming >= 1/
