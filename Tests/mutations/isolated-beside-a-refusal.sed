# A refused connection is silence.
# file: Sources/FailoverCore/Fence/IsolationWatch.swift
s/\[\$0\.provenAt, \$0\.refusedAt\]/[$0.provenAt]/
