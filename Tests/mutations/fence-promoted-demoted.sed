# A promoted master that is not named yet is demoted.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/if isPromotionRecent\(at: now\) \{ return \.unchanged \}/if isPromotionRecent(at: now) { return .demoted(to: named) }/
