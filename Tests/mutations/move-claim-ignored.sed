# What another machine claims after the look does not end a move.
# file: Sources/FailoverCore/Moves/MoveRules.swift
s/let findings = findingsOfClaims \+ findingsOfSentinels/let findings = findingsOfSentinels/
