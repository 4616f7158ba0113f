# A refusal by the Sentinel ends the attempts to save what a restarted master lacks.
# file: Sources/FailoverCore/Death/DeathMachine.swift
s/guard let inquest else \{ return leave/guard let inquest, false else { return leave/
