# What the kernel outlived brings the address back.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/evidence.spentLease.map\(\{ ends > \$0 \}\) \?\? true,$/ends > now,/
