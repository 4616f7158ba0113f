# A named node in a lower epoch counts as a replica without a question.
# file: Sources/FailoverCore/Address/NamingDispute.swift
# caught by: 82-first-configuration-refuted.txt
s/isRefuted = true/isRefuted = false/
