# A stall is silence.
# file: Sources/FailoverCore/Fence/IsolationWatch.swift
s/\[nodeHeardAt, begunAt\]/[nodeHeardAt]/
