# Sessions of a released address are left.
# file: Sources/FailoverCore/FailoverMachine+Releasing.swift
/private func parting/,/^  \}/s/\.endSessions\(addresses\), //
