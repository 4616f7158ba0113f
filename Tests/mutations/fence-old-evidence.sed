# The fence opens on answers from before the replica fell silent.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: D32-emptied-twice.txt
s/return provenAt > start && record/return provenAt > Instant(nanoseconds: .min) \&\& record/
