# A replica that no Sentinel has reached yet has nothing.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/ \&\& !isAnyUnreached//
