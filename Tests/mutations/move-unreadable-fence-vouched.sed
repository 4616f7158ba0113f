# A move vouches for the writes although its fence could not be read meanwhile.
# file: Sources/FailoverCore/Moves/MoveMachine.swift
# caught by: M49-fence-unreadable-for-a-moment.txt
s/if progress\?\.closedAt != nil, progress\?\.isDemoted == false \{ progress\?\.recordBreak\(\) \}/_ = progress/
