# Whether a replica has synchronized is not asked again.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D43-synchronized-again.txt
s/if wasLost \|\| isUnlinked \|\|/if wasLost || (isUnlinked \&\& false) ||/
