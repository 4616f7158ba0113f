# An answer to a question from before a stall counts.
# file: Sources/FailoverCore/FailoverMachine.swift
# caught by: 49-late-answer-after-a-jump.txt
/case \.sentinelReplied/,/changePanel/s/guard sentAt >= barrier else/guard sentAt >= Instant(nanoseconds: .min) else/
