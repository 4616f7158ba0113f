# A daemon that stops opens the fence although what it commanded may still come.
# file: Sources/FailoverCore/FailoverMachine+FenceOrders.swift
s/, !isFailoverAwaited$//
