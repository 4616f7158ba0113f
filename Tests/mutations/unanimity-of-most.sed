# All but one Sentinel suffice for an early return.
# file: Sources/FailoverCore/Evidence+Recording.swift
s/return agreeing == counts.sentinels/return agreeing + 1 >= counts.sentinels/
