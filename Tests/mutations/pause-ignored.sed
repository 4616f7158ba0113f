# A paused node takes.
# file: Sources/FailoverCore/Address/AddressMachine.swift
# caught by: 108-paused-and-gone.txt
s/guard pause == nil \|\| kernel\.isAdopted, let named/guard let named/
