# A replica may stop although the failover that was ordered may promote it.
# file: Sources/FailoverCore/FailoverMachine.swift
s/if death\.isOrdered \{/if death.isOrdered, now < now {/
