# The fast path is open below a newer vote.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/\(evidence.newestVote\?\.epoch \?\? 0\) <= epoch$/epoch >= 0/
