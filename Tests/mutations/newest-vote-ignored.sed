# The fast path is open below a newer vote.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 55-newer-vote-before-the-flip.txt
s/\(panel\.elections\.newestVote\?\.epoch \?\? 0\) <= epoch$/epoch >= 0/
