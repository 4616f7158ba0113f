# A retake does not wait.
# file: Sources/FailoverCore/Address/Entitlement.swift
s/\{ max\(lease, Timing.leastSettling\) \}/{ lease - lease }/
