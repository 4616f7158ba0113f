# A minority that names this node suffices.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 54-minority-in-contact.txt
s/guard by >= counts\.majority, let lease/guard by >= 1, let lease/
