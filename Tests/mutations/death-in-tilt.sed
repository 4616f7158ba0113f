# A Sentinel in TILT is told, or its word does not matter.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D07-tilt.txt
s/said\?\.isInTilt == true/false/
