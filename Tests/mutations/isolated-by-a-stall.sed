# A stall is silence.
# file: Sources/FailoverCore/Fence/IsolationWatch.swift
# caught by: I04-stall.txt
s/\[nodeHeardAt, begunAt\]/[nodeHeardAt]/
