# A retake does not wait.
# file: Sources/FailoverCore/Address/Entitlement.swift
s/\{ max\(lease, Timing.minSettling\) \}/{ lease - lease }/
