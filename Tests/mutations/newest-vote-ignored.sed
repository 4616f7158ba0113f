# The fast path is open below a newer vote.
# file: Sources/FailoverCore/Address/Entitlement.swift
s/\(panel\.elections\.newestVote\?\.epoch \?\? 0\) <= epoch$/epoch >= 0/
