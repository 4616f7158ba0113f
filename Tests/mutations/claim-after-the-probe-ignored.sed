# Whoever claims the address between the probe and the take is not looked for again.
# file: Sources/FailoverCore/Address/DuplicateProbe.swift
# caught by: 99-claim-after-the-probe.txt
s/if isClean \{ \(claimedBy, lastClaimant\) = \(mac, mac\) \}/if isClean { claimedBy = nil }/
