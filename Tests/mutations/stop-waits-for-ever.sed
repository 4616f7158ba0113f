# A stop waits until its time is over, and fails without reasons.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M73-a-stop-waits-no-longer-than-told.txt
s/return waits \&\& next < move\.request\.deadline \? next : nil/return waits ? next : nil/
