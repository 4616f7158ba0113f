# What forbids a failover is never looked at again.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D04-none-chooses-it.txt
s/guard isPassing, /guard false, isPassing, /
