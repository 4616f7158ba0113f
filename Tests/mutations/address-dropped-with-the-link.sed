# A held address goes when another instance of this host is followed.
# file: Sources/FailoverCore/Local/LocalInstance.swift
s/^    role = nil$/    role = .replica(of: nil)/
