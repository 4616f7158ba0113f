# The fast path needs no evidence that the old holder is gone.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/isGone\(preparation, at: now\),$/true,/
