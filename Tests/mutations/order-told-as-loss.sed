# A failover that is ordered in time is told as a loss.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D22-emptied.txt
s/turn\.age\(of: before\.begunAt\) >= Timing\.syncDelay/turn.age(of: before.begunAt) >= .zero/
