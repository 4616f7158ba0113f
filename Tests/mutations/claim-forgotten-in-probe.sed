# While a probe that was answered is repeated, nobody is said to answer.
# file: Sources/FailoverCore/Address/DuplicateProbe.swift
s/isClean \? nil : lastClaimant/claimedBy/
