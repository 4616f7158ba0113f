# One Sentinel is enough to open the fence.
# file: Sources/FailoverCore/Fence/FenceRules.swift
s/return confirming >= panel\.counts\.majority/return confirming >= 1/
