# A promoted master that is not named yet is demoted.
# file: Sources/FailoverCore/Fence/FenceRules.swift
s/if isPromotionRecent \{ return \.unchanged \}/if isPromotionRecent { return .demoted(to: named) }/
