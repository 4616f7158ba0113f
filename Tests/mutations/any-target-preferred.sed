# A move to whichever replica waits until one is preferred.
# file: Sources/FailoverCore/Moves/MovePreflight.swift
# caught by: D37-during-a-closed-move.txt
s/prefers: !move\.request\.acceptsAnyTarget \&\& /prefers: /
