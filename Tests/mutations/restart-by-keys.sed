# Fewer keys alone are a loss.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D29-keys-expired.txt
s/said\.offset > own\.offset, keys/keys/
