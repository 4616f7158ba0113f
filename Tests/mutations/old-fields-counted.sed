# A leader past the promotion is counted by the fields of the old master.
# file: Sources/FailoverCore/Evidence.swift
s/if isLocal\(view.master\) \{/if isLocal(view.named) {/
