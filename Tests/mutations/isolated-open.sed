# A holder that hears nobody leaves its fence open.
# file: Sources/FailoverCore/Fence/FenceRules.swift
s/if isIsolated \{/if false {/
