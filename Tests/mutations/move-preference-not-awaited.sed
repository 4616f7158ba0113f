# A move goes on before the Sentinel knows that the target is preferred.
# file: Sources/FailoverCore/FailoverMachine+MovePhases.swift
s/\} else if !isPreferred\(plan, at: now\) \{/} else if !isPreferred(plan, at: now), driver.phase > .preparing {/
