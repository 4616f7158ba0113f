# A carrier that was lost again is not told again.
# file: Sources/FailoverCore/Address/KernelLease.swift
s/case \.addressFailed\(let address, _\), \.carrierLost\(let address\):/case .addressFailed(let address, _):/
