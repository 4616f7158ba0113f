# A carrier that was lost again is not told again.
# file: Sources/FailoverCore/FailoverMachine+Kernel.swift
s/if case \.carrierLost\(let address\) = alarm \{ return restored\.contains\(address\) \}//
