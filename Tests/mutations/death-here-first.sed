# The Sentinel of this host is told first.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/in elsewhere \+ here/in here + elsewhere/
