# What the kernel outlived brings the address back.
# file: Sources/FailoverCore/Address/Entitlement.swift
s/kernel\.isUnspent\(ends\)$/ends > now/
