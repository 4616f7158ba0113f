# A stop does not wait for a replica that may become able where another one is gone for good.
# file: Sources/FailoverCore/Moves/MovePreflight.swift
# caught by: M80-a-stop-waits-beside-a-dead-one.txt
s/!hopeful\.isEmpty/hopeful.count < 0/
