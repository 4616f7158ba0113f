# An order whose answer was lost counts as not begun at the first contact.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M19-answer-lost.txt
s/provenAt - \$0 > Timing.lostCommandGrace/provenAt >= $0/
