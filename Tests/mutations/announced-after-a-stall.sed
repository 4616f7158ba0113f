# A conflict that ended in a stall is announced without the address.
# file: Sources/FailoverCore/FailoverMachine+Releasing.swift
s/guard var present = conflict, !isAnnouncementSuspended else/guard var present = conflict else/
