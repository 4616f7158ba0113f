# A daemon takes what a majority names without waiting for the last holder's lease.
# file: Sources/FailoverCore/Address/Entitlement.swift
s/if !configuration\.waitsForLeases \{/if true {/
