# A move is undone without a word from the Sentinel that it commanded.
# file: Sources/FailoverCore/FailoverMachine+MoveUndo.swift
s/guard let commandedAt = driver.commandedAt else \{ return true \}/guard let commandedAt = driver.commandedAt, driver.phase > .demoting else { return true }/
