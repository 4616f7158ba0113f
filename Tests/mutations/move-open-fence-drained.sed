# A fence that somebody opened during the drain is not noticed.
# file: Sources/FailoverCore/FailoverMachine+Moving.swift
s/move\?\.isUnbroken = false/move?.isUnbroken = true/
