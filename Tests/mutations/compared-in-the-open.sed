# A master that is compared with its replicas takes writes that may be lost.
# file: Sources/FailoverCore/Fence/FenceRules.swift
# caught by: D38-successor-dies-unnamed.txt
s/if doubt == \.compared, isClosed \|\| expected\?\.minReplicas == 0 \{/if doubt == .compared, isClosed, expected?.minReplicas == 0 {/
