# As many forgotten Sentinels as the quorum asks cost no guarantee.
# file: Sources/FailoverCore/Overview.swift
s/if forgotten > 0, forgotten >= counts\.quorum \{/if forgotten > 64 {/
