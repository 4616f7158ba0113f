# A failover is ordered while a Sentinel may choose a replica that stops.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D52-a-replica-stops-and-the-master-dies.txt
s/\(chosen \+ possible\)\.first\(where: stopping\.contains\)/chosen.first(where: { _ in false })/
