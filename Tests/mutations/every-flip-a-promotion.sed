# A master that nobody promoted is left alone like one that is about to be named.
# file: Sources/FailoverCore/Fence/FenceRules.swift
s/return !panel\.isPromotionDenied\(since: flip\.at, at: now\)/return true/
