# A selection is prepared for again and again.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/evidence.selections\[place\].isUsed = true//
