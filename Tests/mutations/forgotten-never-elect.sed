# As many forgotten Sentinels as the quorum asks cost no guarantee.
# file: Sources/FailoverCore/Overview.swift
# caught by: As many forgotten as the quorum asks weaken the guarantee while they may live
s/if forgotten > 0, forgotten >= counts\.quorum \{/if forgotten > 64 {/
