# A promoted master that is not named yet is demoted.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/return isPromotionRecent\(at: now\) \? \.unchanged : \.demoted/return isPromotionRecent(at: now) ? .demoted(to: named) : .demoted/
