# A field that is missing wipes what was proven before.
# file: Sources/FailoverCore/Sentinels/SentinelRecord.swift
s/\} else if !leavesOpen \{/} else {/
