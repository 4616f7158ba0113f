# A blind holder with a dead Redis goes on.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
s/\.blocking, answers \{/.blocking, answers || !answers {/
