# A daemon takes what a majority names without waiting for the last holder's lease.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 02-old-master-side.txt
s/if !configuration\.waitsForLeases \{/if true {/
