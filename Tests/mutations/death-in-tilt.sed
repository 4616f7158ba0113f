# A Sentinel in TILT is told, or its word does not matter.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/said\?\.isInTilt == true/false/
