# A selection in a low epoch is no reason to yield, although the Sentinels count anew.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: 84-first-configuration-failover.txt
s/if dispute != nil \{ return true \}/if dispute != nil { return epoch > holding.epoch }/
