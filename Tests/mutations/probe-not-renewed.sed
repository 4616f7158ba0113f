# A selected node keeps a probe that the old holder may have answered.
# file: Sources/FailoverCore/FailoverMachine+Recording.swift
/if !wasGone, isOldHolderGone\(at: now\), !probe\.isClean \{ startProbe/d
