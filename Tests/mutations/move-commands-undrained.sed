# A move commands a Sentinel before the replicas have everything.
# file: Sources/FailoverCore/Moves/MoveMachine.swift
# caught by: D37-during-a-closed-move.txt
s/if move\.offset != nil, behind\.isEmpty \{/if move.offset != nil {/
