# A carrier that was lost again is not told again.
# file: Sources/FailoverCore/Address/KernelLease.swift
# caught by: 94-carrier-lost.txt
s/case \.addressFailed\(let address, _\), \.carrierLost\(let address\):/case .addressFailed(let address, _):/
