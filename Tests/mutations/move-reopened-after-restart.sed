# A daemon that finds a closed fence arms it although a failover is under way.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/if fence.expected\?.isClosed == true, evidence.failoverUnderWay\(at: now\) != nil \{/if fence.inForce == nil, evidence.failoverUnderWay(at: now) != nil {/
