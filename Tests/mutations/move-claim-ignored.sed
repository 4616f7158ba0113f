# What another machine claims after the look does not end a move.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M68-claimed-while-preparing.txt
s/let findings = findingsOfClaims \+ findingsOfSentinels/let findings = findingsOfSentinels/
