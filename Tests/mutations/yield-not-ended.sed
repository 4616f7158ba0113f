# A holder that yielded never comes back.
# file: Sources/FailoverCore/Address/AddressMachine.swift
# caught by: 11-aborted-failover.txt
s/\} else if now >= yield\.ends \{/} else if now.nanoseconds < 0 {/
