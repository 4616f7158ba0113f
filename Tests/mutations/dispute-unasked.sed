# A named node in a lower epoch counts as a replica without a question.
# file: Sources/FailoverCore/Address/NamingDispute.swift
s/isRefuted = true/isRefuted = false/
