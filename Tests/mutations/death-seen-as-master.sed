# That a Sentinel takes the replica for a master does not matter.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/ && \$0\.isReportedReplica//
