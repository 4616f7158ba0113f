# A vote of another group's failover closes the fast path and ends a provisional holding.
# file: Sources/FailoverCore/Sentinels/Elections.swift
s/votes\.removeAll \{ \$0\.leader == runID \&\& \$0\.heardAt < sentAt \}/_ = sentAt; _ = runID/
