# A master whose successor is named waits.
# file: Sources/FailoverCore/Death/GuardVerdict.swift
s/named\.endpoint != localInstance/false/
