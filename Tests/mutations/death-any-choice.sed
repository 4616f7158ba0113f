# Whichever replica Sentinel chooses is good.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D03-most.txt
s/chosen\.contains\(where: \{ offsets\[\$0\] != most \}\)/chosen.isEmpty/
