# Whichever replica Sentinel chooses is good.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/chosen\.contains\(where: \{ offsets\[\$0\] != most \}\)/chosen.isEmpty/
