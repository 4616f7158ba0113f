# While a probe that was answered is repeated, nobody is said to answer.
# file: Sources/FailoverCore/Address/DuplicateProbe.swift
# caught by: Who answered a probe is said to answer until another probe goes unanswered
s/isClean \? nil : lastClaimant/claimedBy/
