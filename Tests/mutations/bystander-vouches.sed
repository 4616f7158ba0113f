# A node that never held says that nobody does.
# file: Sources/FailoverCore/Address/Conduct.swift
s/guard evidence\.local\.role == \.master, hasHeld, /guard evidence.local.role == .master, /
