# What the kernel refuses a second time is not told again.
# file: Sources/FailoverCore/Address/KernelLease.swift
# caught by: 110-refused-again.txt
s/turn\.settleAlarms \{ if case \.addressFailed\(address, _\) = \$0 \{ true \} else \{ false \} \}/_ = turn.now/
