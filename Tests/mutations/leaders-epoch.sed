# A leader past its promotion names in whatever epoch it shows.
# file: Sources/FailoverCore/Sentinels/SentinelRecord.swift
# caught by: 111-leader-shows-a-newer-epoch.txt
s/return min\(view\.configEpoch, ledEpoch \?\? 0\)/return view.configEpoch/
