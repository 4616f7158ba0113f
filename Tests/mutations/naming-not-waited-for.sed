# A naming without evidence is taken at once.
# file: Sources/FailoverCore/FailoverMachine+Taking.swift
s/if now - since >= lease \|\|/if now - since >= .zero ||/
