# A yield notice is given to two in one epoch.
# file: Sources/FailoverCore/FailoverMachine+Releasing.swift
s/epoch <= grant.epoch,$/epoch < 0 as UInt64,/
