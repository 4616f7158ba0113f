# A demotion that was refused before it began counts as a setting that was made.
# file: Sources/FailoverCore/FailoverMachine+FenceOrders.swift
s/if isSet \{ recordSet\(setting, at: now\) \}/recordSet(setting, at: now)/
