# The fence opens without anybody's confirmation.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/guard !isLess \|\| isConfirmed/guard !isLess || true || isConfirmed/
