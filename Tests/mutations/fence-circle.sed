# A master becomes a replica of its own replica.
# file: Sources/FailoverCore/Fence/SuccessorWatch.swift
s/if answer\.role == \.master \{ return true \}/if answer.role != nil { return true }/
