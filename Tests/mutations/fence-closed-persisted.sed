# A closed fence is written to the file.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/\.setting\(\$0, isLasting: false, reason\)/.setting($0, isLasting: true, reason)/
