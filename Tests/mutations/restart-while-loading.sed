# A master that still reads its file is compared.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/if own\.isLoading \{/if false {/
