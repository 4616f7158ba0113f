# A master whose successor is named waits.
# file: Sources/FailoverCore/Death/GuardVerdict.swift
# caught by: It starts once a majority has come to name another
s/if let successor \{/if let successor, false {/
