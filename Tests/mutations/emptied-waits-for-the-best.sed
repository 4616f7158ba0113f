# A master that came back with less waits for the best replica, whatever that costs.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D44-better-than-nothing.txt
s/, !isBetterThanNothing\(chosen\) \{/ {/
