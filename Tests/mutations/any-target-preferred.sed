# A move to whichever replica waits until one is preferred.
# file: Sources/FailoverCore/Moves/MovePreflight.swift
s/prefers: !move\.request\.acceptsAnyTarget \&\& /prefers: /
