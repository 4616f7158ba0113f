# A stop does not wait for what passes.
# file: Sources/FailoverCore/Moves/MoveRules.swift
s/move\.request\.acceptsAnyTarget \&\& MoveFinding\.arePassing\(findings\)/move.request.acceptsAnyTarget \&\& MoveFinding.arePassing(findings) \&\& false/
