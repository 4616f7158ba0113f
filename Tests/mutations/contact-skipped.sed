# The fast path needs no contact with a majority.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 50-notice-without-a-majority.txt
s/guard panel\.contacts\(since: preparation\.since, at: now\) >= panel\.counts\.majority,/guard panel.counts.majority > 0,/
