# A smaller offset alone is a loss.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D23-emptied-but-wait.txt
s/, keys > own\.keys$//
