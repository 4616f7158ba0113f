# A selection in a low epoch is no reason to yield, although the Sentinels count anew.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
s/if evidence\.dispute != nil \{ return true \}/if evidence.dispute != nil { return epoch > tenure.epoch }/
