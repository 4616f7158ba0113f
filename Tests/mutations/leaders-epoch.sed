# A leader past its promotion names in whatever epoch it shows.
# file: Sources/FailoverCore/Sentinels/SentinelRecord.swift
s/return min\(view\.configEpoch, ledEpoch \?\? 0\)/return view.configEpoch/
