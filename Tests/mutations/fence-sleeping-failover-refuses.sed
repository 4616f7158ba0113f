# A holder leaves closed what it closed itself, as long as a failover is pending anywhere.
# file: Sources/FailoverCore/FailoverMachine+MoveUndo.swift
/if fence\.lastSet\?\.isClosed == true \{ return false \}/d
