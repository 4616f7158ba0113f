# Switching the mode off leaves its value in force.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
s/guard let memory, address\.state != \.stopped else/guard let memory, address.state != .stopped, memory.armed == nil else/
