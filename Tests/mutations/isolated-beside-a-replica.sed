# A replica that answers is silence.
# file: Sources/FailoverCore/Fence/IsolationWatch.swift
# caught by: F05-half-cut-master-stays-armed.txt
s/\[nodeHeardAt, begunAt\]/[begunAt]/
