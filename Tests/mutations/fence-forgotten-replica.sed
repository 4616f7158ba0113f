# A replica that the Sentinels forgot need not be silent first.
# file: Sources/FailoverCore/Fence/ReplicaLedger.swift
# caught by: F32-forgotten-by-all.txt
s/let silent = signs\.filter \{ !good\.contains\(\$0\.endpoint\) \}/let silent = signs.filter { !good.contains($0.endpoint) \&\& known.contains($0.endpoint) }/
