# A majority that names the master before a promotion names a successor.
# file: Sources/FailoverCore/Overview.swift
# caught by: A node that was named before this one was promoted is no successor of it
s/let since = panel\.naming\.since, since < flip\.at/let since = panel.naming.since, since < flip.at, since > flip.at/
