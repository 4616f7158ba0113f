# A provisional holder outlives the failover of its leader.
# file: Sources/FailoverCore/Address/HoldingRules.swift
s/panel\.isAborted\(preparation\) \{/panel.isAborted(preparation), now.nanoseconds < 0 {/
