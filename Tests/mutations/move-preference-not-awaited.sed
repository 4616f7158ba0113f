# A move goes on before the Sentinel knows that the target is preferred.
# file: Sources/FailoverCore/Moves/MoveMachine.swift
s/, !rules\.isPreferred\(plan\) \{/, !rules.isPreferred(plan), move.phase > .preparing {/
