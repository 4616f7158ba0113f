# The driver of a move lets go of the address only when another is named.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M01-one-replica.txt
s/case \.yielding: return hasLasted\(Timing\.handOverDelay\) \? nil : plan\.target/case .yielding: return plan.target/
