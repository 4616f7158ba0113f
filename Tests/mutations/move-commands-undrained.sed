# A move commands a Sentinel before the replicas have everything.
# file: Sources/FailoverCore/Moves/MoveMachine.swift
s/if move\.offset != nil, behind\.isEmpty \{/if move.offset != nil {/
