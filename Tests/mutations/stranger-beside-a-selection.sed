# What another program left here stays while a failover selects another node.
# file: Sources/FailoverCore/FailoverMachine+Kernel.swift
s/ \|\| evidence\.isAnotherSelected\(at: now\) \{/ {/
