# A refused connection is silence.
# file: Sources/FailoverCore/Fence/IsolationWatch.swift
# caught by: I03-refused.txt
s/\[\$0\.provenAt, \$0\.refusedAt\]/[$0.provenAt]/
