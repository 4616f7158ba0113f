# A smaller offset alone is a loss.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/, keys > own\.keys$//
