# A dead master starts while its successor is promoted.
# file: Sources/FailoverCore/Death/GuardVerdict.swift
# caught by: A dead master waits while its successor is being found
s/return \.wait\(\.ordered\(sentinel\)\)/return .start(.unnoticed)/
