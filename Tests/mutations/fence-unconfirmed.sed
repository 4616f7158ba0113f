# The fence opens without anybody's confirmation.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: D22-emptied.txt
s/if setting\.minReplicas >= expected\?\.minReplicas \?\? 0 \{ return true \}/if now.nanoseconds >= 0 { return true }/
