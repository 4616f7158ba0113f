# An answered probe does not keep from taking.
# file: Sources/FailoverCore/Address/DuplicateProbe.swift
# caught by: 35-address-in-use.txt
s/if claimedBy == nil, age <=/if age <=/
