# A demotion that was refused before it began counts as a setting that was made.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: F36-demotion-refused-at-once.txt
s/if isSet \{ recordSet\(setting, at: turn\.now\) \}/recordSet(setting, at: turn.now)/
