# A daemon that stops opens the fence although what it commanded may still come.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: M32-stop-after-the-order.txt
s/, !hold\.awaitsFailover else/ else/
