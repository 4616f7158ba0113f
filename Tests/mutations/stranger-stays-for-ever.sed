# What another program left on a named master stays although it can't be taken.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 96-stranger-held-down.txt
s/return now - since < Timing\.adoptionLimit \&\&/return/
