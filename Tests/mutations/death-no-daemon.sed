# A replica without a daemon is good.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/\{ !inquest\.peers\.contains\(\$0\) \}/{ _ in false }/
