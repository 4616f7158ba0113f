# A held address goes when another instance of this host is followed.
# file: Sources/FailoverCore/FailoverMachine+Recording.swift
s/      evidence\.localRole = nil$/      evidence.localRole = .replica(of: nil)/
