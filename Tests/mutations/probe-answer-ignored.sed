# An answered probe does not keep from taking.
# file: Sources/FailoverCore/Address/DuplicateProbe.swift
s/if claimedBy == nil, age <=/if age <=/
