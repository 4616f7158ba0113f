# A Sentinel that refuses is told again at once.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D47-emptied-and-refused-by-sentinel.txt
s/turn\.age\(of: \$0\) >= Timing\.pollInterval \}\) \?\? true/turn.age(of: $0) >= .zero }) ?? true/
