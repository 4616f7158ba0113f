# A move to a named target waits as a stop does.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M08-refused-by-sentinels.txt
s/move\.request\.acceptsAnyTarget \&\& MoveFinding\.arePassing\(findings\)/MoveFinding.arePassing(findings)/
