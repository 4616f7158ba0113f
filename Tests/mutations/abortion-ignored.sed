# A provisional holder outlives the failover of its leader.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: 63-leader-gives-up.txt
s/panel\.isAborted\(preparation\) \{/panel.isAborted(preparation), now.nanoseconds < 0 {/
