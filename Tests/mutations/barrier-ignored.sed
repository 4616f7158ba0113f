# An answer to a question from before a stall counts.
# file: Sources/FailoverCore/FailoverMachine.swift
s/if sentAt >= barrier \{ panel\.recordView/if sentAt >= Instant(nanoseconds: .min) { panel.recordView/
