# A holder that yielded never comes back.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/now - concession.since >= Timing.yieldLifetime/now - concession.since >= .seconds(3_600)/
