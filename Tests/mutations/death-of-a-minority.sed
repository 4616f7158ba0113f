# A minority of the Sentinels is enough.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/guard count >= panel\.counts\.majority else/guard count >= 1 else/
