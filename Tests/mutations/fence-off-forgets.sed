# Switching the mode off leaves its value in force.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/guard let memory = fence\.memory, state != \.stopped else/guard let memory = fence.memory, state != .stopped, memory.armed == nil else/
