# A master becomes a replica of its own replica.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
s/if answer\.role == \.master \{/if answer.role != nil {/
