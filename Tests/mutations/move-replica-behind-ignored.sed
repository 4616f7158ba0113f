# A replica that Sentinel could choose, and that lacks writes, is no hindrance.
# file: Sources/FailoverCore/Moves/MovePreflight.swift
s/else if keepsEveryWrite, !good\.contains\(other\) /else if !keepsEveryWrite, !good.contains(other) /
