# A leader past the promotion is counted by the fields of the old master.
# file: Sources/FailoverCore/Sentinels/SentinelView.swift
# caught by: 03-power-off.txt
s/if let master, instance\.contains\(master\) \{ return \(flags, lastOkPingReply\) \}/if master != nil { return (flags, lastOkPingReply) }/
