# A replica that stops is dismissed while a move may have it promoted.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
s/isKept: hold\.keepsReplicas, /isKept: false, /
