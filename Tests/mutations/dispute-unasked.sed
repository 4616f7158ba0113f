# A named node in a lower epoch counts as a replica without a question.
# file: Sources/FailoverCore/FailoverMachine+Dispute.swift
s/dispute\.isRefuted = true/dispute.isRefuted = false/
