# What another program left here stays while nobody says anything.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 91-stranger-never-decided.txt
s/if now - since < Timing\.adoptionPatience \{ return true \}/if true { return true }/
