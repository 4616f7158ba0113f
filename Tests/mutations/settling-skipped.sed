# A retake does not wait.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/\{ max\(lease, Timing.leastSettling\) \}/{ lease - lease }/
