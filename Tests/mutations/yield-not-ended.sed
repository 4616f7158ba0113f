# A holder that yielded never comes back.
# file: Sources/FailoverCore/Address/AddressMachine.swift
s/\} else if now >= yield\.ends \{/} else if now.nanoseconds < 0 {/
