# An opened fence stays open when the replicas are back.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/if goal == full \{ return/if goal == full, now.nanoseconds < 0 { return/
