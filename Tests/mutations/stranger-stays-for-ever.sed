# What another program left on a named master stays although it can't be taken.
# file: Sources/FailoverCore/Address/Entitlement.swift
s/return now - since < Timing\.adoptionLimit \&\&/return/
