# A node that never held says that nobody does.
# file: Sources/FailoverCore/FailoverMachine+Releasing.swift
s/evidence.vouches, //
