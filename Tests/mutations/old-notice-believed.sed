# What a Redis that hung delivers is believed.
# file: Sources/FailoverCore/Local/LocalInstance.swift
# caught by: T12-yield-kept-by-a-hung-redis.txt
s/return resumedAt\.map \{ now - \$0 > Timing\.backlogTime \} \?\? true/return true/
