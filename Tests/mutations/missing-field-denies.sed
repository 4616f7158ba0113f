# A field that is missing wipes what was proven before.
# file: Sources/FailoverCore/Sentinels/SentinelRecord.swift
# caught by: 105-fields-that-are-missing.txt
s/\} else if !leavesOpen \{/} else {/
