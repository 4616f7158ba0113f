# A move is undone without a word from the Sentinel that it commanded.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M13-sentinel-refuses.txt
s/guard let commandedAt = move\.commandedAt else \{ return true \}/guard let commandedAt = move.commandedAt, move.phase > .demoting else { return true }/
