# A holding outlives its kernel lifetime.
# file: Sources/FailoverCore/Address/AddressMachine.swift
s/kernel\.isExpired\(holding, rules\) \{/kernel.isExpired(holding, rules), turn.now.nanoseconds < 0 {/
