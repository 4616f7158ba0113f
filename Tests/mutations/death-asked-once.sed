# What forbids a failover is never looked at again.
# file: Sources/FailoverCore/Death/DeathMachine.swift
s/guard isPassing, /guard false, isPassing, /
