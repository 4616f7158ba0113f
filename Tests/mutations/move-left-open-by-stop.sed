# A daemon that stops opens the fence although what it commanded may still come.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
s/, !hold\.awaitsFailover else/ else/
