# A conflict that ended in a stall is announced without the address.
# file: Sources/FailoverCore/Address/Announcer.swift
s/guard let claimed = conflict, let deadline, !isSuspended else/guard let claimed = conflict, let deadline else/
