# Ctrl-C undoes a move whose replica was selected.
# file: Sources/FailoverCore/FailoverMachine+Moving.swift
s/driver.request.id == id, driver.phase < .yielding else/driver.request.id == id else/
