# A move vouches for the writes although its fence could not be read meanwhile.
# file: Sources/FailoverCore/Moves/MoveMachine.swift
s/if progress\?\.closedAt != nil, progress\?\.isDemoted == false \{ progress\?\.recordBreak\(\) \}/_ = progress/
