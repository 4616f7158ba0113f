# A move to whichever replica waits until one is preferred.
# file: Sources/FailoverCore/FailoverMachine+MovePreflight.swift
s/prefers: !driver\.request\.acceptsAnyTarget && /prefers: /
