# A Sentinel that refuses is told again at once.
# file: Sources/FailoverCore/Death/DeathMachine.swift
s/turn\.age\(of: \$0\) >= Timing\.pollInterval \}\) \?\? true/turn.age(of: $0) >= .zero }) ?? true/
