# Whether a replica has synchronized is not asked again.
# file: Sources/FailoverCore/Death/DeathMachine.swift
s/if wasLost \|\| isUnlinked \|\|/if wasLost || (isUnlinked \&\& false) ||/
