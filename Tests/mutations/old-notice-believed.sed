# What a Redis that hung delivers is believed.
# file: Sources/FailoverCore/Local/LocalInstance.swift
s/return resumedAt\.map \{ now - \$0 > Timing\.backlogTime \} \?\? true/return true/
