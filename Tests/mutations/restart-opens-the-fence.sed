# The fence does without the replicas of a master that came back with less.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D22-emptied.txt
s/if let emptiedUntil, now < emptiedUntil \{ return \.open \}//
