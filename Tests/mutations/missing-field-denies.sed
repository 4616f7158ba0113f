# A field that is missing wipes what was proven before.
# file: Sources/FailoverCore/Evidence+Recording.swift
s/\} else if !leavesOpen\(view\) \{/} else {/
