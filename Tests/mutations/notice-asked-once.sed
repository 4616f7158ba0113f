# A selected node asks the old holder only once for its word.
# file: Sources/FailoverCore/Address/AddressMachine.swift
# caught by: 10-planned-failover-no-notice.txt
s/\} else if turn\.now >= preparation\.nextQuestion, !entitlement/} else if turn.now.nanoseconds < 0, !entitlement/
