# A master that nobody promoted is left alone like one that is about to be named.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: F34-master-without-a-promotion.txt
s/return !panel\.isPromotionDenied\(since: flip\.at, at: now\)/return true/
