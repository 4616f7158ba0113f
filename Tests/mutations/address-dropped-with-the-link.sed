# A held address goes when another instance of this host is followed.
# file: Sources/FailoverCore/Local/LocalInstance.swift
# caught by: 97-another-instance-of-this-host.txt
s/^    role = nil$/    role = .replica(of: nil)/
