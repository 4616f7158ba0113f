# A master that came back with less waits for the best replica, whatever that costs.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/, !isBetterThanNothing\(chosen\) \{/ {/
