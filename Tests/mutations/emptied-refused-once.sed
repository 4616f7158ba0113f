# A refusal by the Sentinel ends the attempts to save what a restarted master lacks.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D47-emptied-and-refused-by-sentinel.txt
s/guard let inquest else \{ return leave/guard let inquest, false else { return leave/
