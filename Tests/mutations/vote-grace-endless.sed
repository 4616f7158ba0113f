# A provisional holder waits for the word of a leader that is not in contact.
# file: Sources/FailoverCore/Sentinels/SentinelPanel.swift
# caught by: 72-vote-for-a-silent-leader.txt
s/guard now - vote\.heardAt < Timing\.voteGrace,/guard now.nanoseconds >= 0,/
s/leader\.view\(within: Timing\.contactWindow, at: now\) != nil, let/let/
