# A Sentinel that starts vouches for everyone that it knew.
# file: Sources/FailoverCore/Sentinels/SentinelRecord.swift
s/list\.provenAt - age <= connectedAt/list.provenAt - age <= connectedAt, age < .zero/
