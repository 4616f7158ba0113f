# A minority of the Sentinels is enough.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D10-minority.txt
s/guard count >= panel\.counts\.majority else/guard count >= 1 else/
