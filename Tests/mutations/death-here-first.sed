# The Sentinel of this host is told first.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D01-killed.txt
s/panel\.isOnThisHost\(id\) \? 1 : 0/panel.isOnThisHost(id) ? 0 : 1/
