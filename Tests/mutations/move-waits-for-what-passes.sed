# A move to a named target waits as a stop does.
# file: Sources/FailoverCore/Moves/MoveRules.swift
s/move\.request\.acceptsAnyTarget \&\& MoveFinding\.arePassing\(findings\)/MoveFinding.arePassing(findings)/
