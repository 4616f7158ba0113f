# Whoever claims the address between the probe and the take is not looked for again.
# file: Sources/FailoverCore/Address/DuplicateProbe.swift
s/if isClean \{ \(claimedBy, lastClaimant\) = \(mac, mac\) \}/if isClean { claimedBy = nil }/
