# A paused node takes.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/guard pause == nil, evidence.localRole == .master, let ends/guard evidence.localRole == .master, let ends/
