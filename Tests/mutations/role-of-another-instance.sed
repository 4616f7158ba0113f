# The role of an instance that is followed no more is a ground to take.
# file: Sources/FailoverCore/FailoverMachine.swift
# caught by: 98-role-of-another-instance.txt
s/first != endpoints\.first \{ evidence/first != endpoints.first, endpoints.isEmpty { evidence/
