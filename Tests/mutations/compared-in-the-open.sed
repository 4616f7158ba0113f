# A master that is compared with its replicas takes writes that may be lost.
# file: Sources/FailoverCore/Fence/FenceRules.swift
s/if doubt == \.compared, isClosed \|\| expected\?\.minReplicas == 0 \{/if doubt == .compared, isClosed, expected?.minReplicas == 0 {/
