# One Sentinel is enough to open the fence.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/return confirming >= counts\.majority/return confirming >= 1/
