# A holder whose Redis became a replica goes on.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
s/if case .replica = evidence.localRole \{ return \(.roleChanged, .standby\) \}//
