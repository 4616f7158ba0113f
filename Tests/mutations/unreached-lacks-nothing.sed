# A replica that no Sentinel has reached yet has nothing.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D46-replicas-not-reached-yet.txt
s/ \&\& !isAnyUnreached//
