# A naming is followed although a newer failover selected another.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/, !evidence.isAnotherSelected\(above: epoch, at: now\)//
