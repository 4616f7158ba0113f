# A retake does not wait.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 02-old-master-side.txt
s/\{ max\(lease, Timing.minSettling\) \}/{ lease - lease }/
