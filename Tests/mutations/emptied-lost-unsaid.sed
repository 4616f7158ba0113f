# A loss after an order whose answer was lost is not told.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D48-emptied-and-the-answer-lost.txt
s/if let loss = inquest\?\.loss \{ lament/if let loss = inquest?.loss, false { lament/
