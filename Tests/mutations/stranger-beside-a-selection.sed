# What another program left here stays while a failover selects another node.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 93-stranger-while-another-is-selected.txt
s/if isRuledOut \|\| panel\.isAnotherSelected\(at: now\) \{/if isRuledOut {/
