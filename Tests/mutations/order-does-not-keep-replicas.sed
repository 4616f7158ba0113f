# A replica may stop although the failover that was ordered may promote it.
# file: Sources/FailoverCore/FailoverMachine.swift
# caught by: D53-a-replica-stops-after-the-order.txt
s/if death\.isOrdered \{/if death.isOrdered, now < now {/
