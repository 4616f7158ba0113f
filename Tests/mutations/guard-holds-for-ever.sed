# A master whose successor is named waits.
# file: Sources/FailoverCore/Death/GuardVerdict.swift
s/if let successor \{/if let successor, false {/
