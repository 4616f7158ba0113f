# What the kernel outlived brings the address back.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 02-old-master-side.txt
s/kernel\.isUnspent\(ends\)$/ends > now/
