# A move goes on before the Sentinel knows that the target is preferred.
# file: Sources/FailoverCore/FailoverMachine+MovePhases.swift
s/, !isPreferred\(plan, at: now\) \{/, !isPreferred(plan, at: now), driver.phase > .preparing {/
