# A paused node takes.
# file: Sources/FailoverCore/Address/AddressMachine.swift
s/guard pause == nil \|\| kernel\.isAdopted, let named/guard let named/
