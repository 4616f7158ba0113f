# A node that never held says that nobody does.
# file: Sources/FailoverCore/Address/Conduct.swift
# caught by: 65-bystander-does-not-vouch.txt
s/guard evidence\.local\.role == \.master, hasHeld, /guard evidence.local.role == .master, /
