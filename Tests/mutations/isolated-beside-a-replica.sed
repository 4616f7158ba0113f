# A replica that answers is silence.
# file: Sources/FailoverCore/Fence/IsolationWatch.swift
s/\[nodeHeardAt, begunAt\]/[begunAt]/
