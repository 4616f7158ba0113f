# A fence that somebody opened while a move counted on it is not noticed.
# file: Sources/FailoverCore/FailoverMachine+Moving.swift
s/move\?\.isUnbroken = false/move?.isUnbroken = true/
