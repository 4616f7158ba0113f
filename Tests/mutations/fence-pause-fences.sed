# A pause does not keep the fence from changing.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/guard pause == nil, state != \.stopped, !evidence/guard state != .stopped, !evidence/;s/guard pause == nil, let closed = closedSetting/guard let closed = closedSetting/
