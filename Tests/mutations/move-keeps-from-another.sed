# The driver of a move keeps the address for a moment from whomever Sentinel selects.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: M20-another-promoted.txt
s/, selection\.target != keptFrom \{/, keptFrom == nil {/
