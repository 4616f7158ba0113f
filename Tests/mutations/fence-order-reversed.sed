# The address goes before the writes are refused.
# file: Sources/FailoverCore/Address/AddressMachine.swift
# caught by: F05-half-cut-master-stays-armed.txt
/mutating func letGo\(/,/^  \}/{
/fence\.close\(\.letGo/d
s/^    turn\.order\(\.stopAnnouncing\)$/    turn.order(.stopAnnouncing); if reason != .releasedByOperator, reason != .stopping { fence.close(.letGo(reason), evidence, isPaused: pause != nil, \&turn) }/
}
