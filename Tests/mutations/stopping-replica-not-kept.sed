# A replica that stops is dismissed while a move may have it promoted.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: D53-a-replica-stops-after-the-order.txt
s/isKept: hold\.keepsReplicas, /isKept: false, /
