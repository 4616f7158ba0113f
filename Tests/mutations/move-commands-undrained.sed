# A move commands a Sentinel before the replicas have everything.
# file: Sources/FailoverCore/FailoverMachine+MovePhases.swift
s/if driver.offset != nil, behind.isEmpty \{/if driver.offset != nil {/
