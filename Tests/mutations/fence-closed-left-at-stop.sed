# The daemon stops and leaves the fence closed.
# file: Sources/FailoverCore/FailoverMachine.swift
/^    fence\.leave\(/d
