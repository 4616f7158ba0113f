# A stop waits for whatever forbids it.
# file: Sources/FailoverCore/Moves/MoveRules.swift
s/move\.request\.acceptsAnyTarget \&\& MoveFinding\.arePassing\(findings\)/move.request.acceptsAnyTarget/
