# A replica without a daemon is good.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D06-no-daemon.txt
s/\{ !inquest\.peers\.contains\(\$0\) \}/{ _ in false }/
