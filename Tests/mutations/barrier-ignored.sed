# An answer to a question from before a stall counts.
# file: Sources/FailoverCore/Evidence+Recording.swift
s/sentAt >= barrier,$/sentAt >= Instant(nanoseconds: .min),/
