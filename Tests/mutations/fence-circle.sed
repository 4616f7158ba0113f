# A master becomes a replica of its own replica.
# file: Sources/FailoverCore/FailoverMachine+FenceOrders.swift
s/if answer\.role == \.master \{/if answer.role != nil {/
