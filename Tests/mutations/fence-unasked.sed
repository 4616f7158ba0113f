# A master is demoted without asking the named node.
# file: Sources/FailoverCore/FailoverMachine+FenceOrders.swift
s/if let answer = fence\.successor, answer\.endpoint == successor,/if let answer = Optional(fence.successor ?? FenceRecord.Successor(endpoint: successor, role: .master, askedAt: now)), answer.endpoint == successor,/
