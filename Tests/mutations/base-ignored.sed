# A restarted master's file is judged by its keys alone.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D55-older-values.txt
s/if let base = own\.base, said\.stream == base\.stream \{/if let base = own.base, base.stream.isEmpty {/
