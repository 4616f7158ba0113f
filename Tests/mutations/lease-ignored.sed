# The lease is a minute longer than it is.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: 103-first-configuration-while-blind.txt
s/var isLeased: Bool \{ leaseEnds\.map \{ \$0 > now \} \?\? false \}/var isLeased: Bool { leaseEnds.map { $0 + .seconds(60) > now } ?? false }/
