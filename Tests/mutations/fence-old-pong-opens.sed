# A fence is opened on the word of Sentinels that have not reached this Redis since it answers.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: D24-restarted-whole.txt
s/guard let pongAt = record\.pongAt, pongAt > answersSince, /guard record.pongAt != nil, /
