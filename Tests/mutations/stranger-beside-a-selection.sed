# What another program left here stays while a failover selects another node.
# file: Sources/FailoverCore/Address/Entitlement.swift
s/if isRuledOut \|\| panel\.isAnotherSelected\(at: now\) \{/if isRuledOut {/
