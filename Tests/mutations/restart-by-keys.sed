# Fewer keys alone are a loss.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/said\.offset > own\.offset, keys/keys/
