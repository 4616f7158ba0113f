# A replica that Sentinel could choose, and that lacks writes, is no hindrance.
# file: Sources/FailoverCore/Moves/MovePreflight.swift
# caught by: M11-other-replicas.txt
s/else if keepsEveryWrite, !good\.contains\(other\) /else if !keepsEveryWrite, !good.contains(other) /
