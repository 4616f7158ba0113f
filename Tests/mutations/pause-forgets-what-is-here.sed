# A paused holder that is restarted lets the kernel remove the address.
# file: Sources/FailoverCore/Address/AddressMachine.swift
# caught by: 107-paused-holder-restarts.txt
s/guard pause == nil \|\| kernel\.isAdopted, let named/guard pause == nil, let named/
