# A promoted master that is not named yet is demoted.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: F26-promoted-master-is-left-alone.txt
s/if isPromotionRecent \{ return \.unchanged \}/if isPromotionRecent { return .demoted(to: named) }/
