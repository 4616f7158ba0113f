# A holding outlives its kernel lifetime.
# file: Sources/FailoverCore/Address/AddressMachine.swift
# caught by: 02-old-master-side.txt
s/kernel\.isExpired\(holding, rules\) \{/kernel.isExpired(holding, rules), turn.now.nanoseconds < 0 {/
