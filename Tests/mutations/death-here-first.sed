# The Sentinel of this host is told first.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/panel\.isOnThisHost\(id\) \? 1 : 0/panel.isOnThisHost(id) ? 0 : 1/
