# A stop waits for whatever forbids it.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M72-a-stop-does-not-wait-for-the-dead.txt
s/move\.request\.acceptsAnyTarget \&\& MoveFinding\.arePassing\(findings\)/move.request.acceptsAnyTarget/
