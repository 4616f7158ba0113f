# A conflict that ended in a stall is announced without the address.
# file: Sources/FailoverCore/Address/Announcer.swift
# caught by: 70-conflict-over-a-stall.txt
s/guard let claimed = conflict, let deadline, !isSuspended else/guard let claimed = conflict, let deadline else/
