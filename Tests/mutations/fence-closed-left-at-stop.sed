# The daemon stops and leaves the fence closed.
# file: Sources/FailoverCore/FailoverMachine.swift
# caught by: F22-stop-leaves-nothing-closed.txt
/^    fence\.leave\(/d
