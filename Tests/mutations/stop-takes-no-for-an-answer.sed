# A stop does not wait for what passes.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M71-a-stop-waits-for-what-passes.txt
s/move\.request\.acceptsAnyTarget \&\& MoveFinding\.arePassing\(findings\)/move.request.acceptsAnyTarget \&\& MoveFinding.arePassing(findings) \&\& false/
