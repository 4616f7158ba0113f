# That a Sentinel takes the replica for a master does not matter.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D28-target-seen-as-master.txt
s/ && \$0\.isReportedReplica//
