# A Sentinel that the operator forgot and that no other knows is remembered for ever.
# file: Sources/FailoverCore/Sentinels/SentinelRoster.swift
# caught by: What was forgotten and is listed by none is not remembered after a minute
s/known\.removeAll \{ \$0\.fate == \.forgotten \&\& !runIDs\.contains\(\$0\.runID\) \}/_ = runIDs/
