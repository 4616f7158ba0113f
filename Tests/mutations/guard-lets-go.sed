# A dead master starts while its successor is promoted.
# file: Sources/FailoverCore/Death/GuardVerdict.swift
s/return \.wait\(\.ordered\(sentinel\)\)/return .start(.unnoticed)/
