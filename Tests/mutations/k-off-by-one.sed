# One Sentinel too few confirms.
# file: Sources/FailoverCore/Evidence.swift
s/count - quorum \+ 1\)/count - quorum)/
