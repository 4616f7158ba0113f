# What the operator forgot comes back with the next report.
# file: Sources/FailoverCore/SentinelRoster.swift
s/if hasForgotten \{/if hasForgotten, others < 0 {/
