# The address goes before the writes are refused.
# file: Sources/FailoverCore/FailoverMachine+Releasing.swift
/closeFence\(\.letGo\(reason\)/d
s/^    orders\.append\(\.stopAnnouncing\)$/    orders.append(.stopAnnouncing); if reason != .releasedByOperator, reason != .stopping { closeFence(.letGo(reason), \&orders) }/
