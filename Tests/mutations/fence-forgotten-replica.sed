# A replica that the Sentinels forgot need not be silent first.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/return fence\.signs\.filter \{ !good\.contains\(\$0\.endpoint\) \}/return fence.signs.filter { !good.contains($0.endpoint) \&\& knownForFence.contains($0.endpoint) }/
