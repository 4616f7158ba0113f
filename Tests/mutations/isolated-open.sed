# A holder that hears nobody leaves its fence open.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: F04-cut-off-master-is-closed.txt
s/if isIsolated \{/if false {/
