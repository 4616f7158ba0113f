# The role of an instance that is followed no more is a ground to take.
# file: Sources/FailoverCore/FailoverMachine+Recording.swift
s/before != endpoints\.first \{/before != endpoints.first, endpoints.isEmpty {/
