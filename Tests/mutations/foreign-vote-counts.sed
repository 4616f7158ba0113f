# A vote of another group's failover closes the fast path and ends a provisional holding.
# file: Sources/FailoverCore/Sentinels/Elections.swift
# caught by: 71-vote-of-another-group.txt
s/votes\.removeAll \{ \$0\.leader == runID \&\& \$0\.heardAt < sentAt \}/_ = sentAt; _ = runID/
