# Switching the mode off leaves its value in force.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: F18-switched-off.txt
s/guard let memory, address\.state != \.stopped else/guard let memory, address.state != .stopped, memory.armed == nil else/
