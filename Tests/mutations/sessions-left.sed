# Sessions of a released address are left.
# file: Sources/FailoverCore/FailoverMachine+Releasing.swift
/mutating func letGo/,/^  \}/s/\.endSessions\(addresses\), //
