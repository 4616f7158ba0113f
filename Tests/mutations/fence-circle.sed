# A master becomes a replica of its own replica.
# file: Sources/FailoverCore/Fence/SuccessorWatch.swift
# caught by: F11-never-a-replica-of-a-replica.txt
s/if answer\.role == \.master \{ return true \}/if answer.role != nil { return true }/
