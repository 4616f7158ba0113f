# A master that still reads its file is compared.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D25-loading.txt
s/if own\.isLoading \{/if false {/
