# A Sentinel that starts vouches for everyone that it knew.
# file: Sources/FailoverCore/Sentinels/SentinelRecord.swift
# caught by: 106-forgotten-by-a-restarted-one.txt
s/list\.provenAt - age <= connectedAt/list.provenAt - age <= connectedAt, age < .zero/
