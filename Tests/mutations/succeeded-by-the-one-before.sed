# A majority that names the master before a promotion names a successor.
# file: Sources/FailoverCore/Overview.swift
s/let since = panel\.naming\.since, since < flip\.at/let since = panel.naming.since, since < flip.at, since > flip.at/
