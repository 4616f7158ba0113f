# A replica that Sentinel could choose, and that lacks writes, is no hindrance.
# file: Sources/FailoverCore/FailoverMachine+MoveTargets.swift
s/if !driver.request.acceptsLoss, !good.contains\(other\), /if driver.request.acceptsLoss, !good.contains(other), /
