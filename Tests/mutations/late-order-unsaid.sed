# A failover that is ordered when the replicas may have lost what they had is not told as a loss.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D50-emptied-and-late.txt
s/turn\.age\(of: before\.begunAt\) >= Timing\.syncDelay/turn.age(of: before.begunAt) < .zero/
