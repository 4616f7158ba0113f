# A move goes on before the Sentinel knows that the target is preferred.
# file: Sources/FailoverCore/Moves/MoveMachine.swift
# caught by: M02-two-replicas-and-a-preference.txt
s/, !rules\.isPreferred\(plan\) \{/, !rules.isPreferred(plan), move.phase > .preparing {/
