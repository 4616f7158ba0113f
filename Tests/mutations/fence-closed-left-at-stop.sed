# The daemon stops and leaves the fence closed.
# file: Sources/FailoverCore/FailoverMachine+Releasing.swift
/^    leaveFence/d
