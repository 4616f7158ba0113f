# A daemon takes what a majority names without waiting for the last holder's lease.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/if !configuration\.waitsForLeases \{/if true {/
