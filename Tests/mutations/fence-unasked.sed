# A master is demoted without asking the named node.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
s/if let answer = successor, answer\.endpoint == named,/if let answer = Optional(successor ?? Successor(endpoint: named, role: .master, askedAt: turn.now)), answer.endpoint == named,/
