# Whoever claims the address between the probe and the take is not looked for again.
# file: Sources/FailoverCore/FailoverMachine+Releasing.swift
s/if probe\.isClean \{ probe\.claimedBy = mac \}/if probe.isClean { probe.claimedBy = nil }/
