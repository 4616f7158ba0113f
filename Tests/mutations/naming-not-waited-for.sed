# A naming without evidence is taken at once.
# file: Sources/FailoverCore/Address/Entitlement.swift
s/guard now - since >= lease \|\|/guard now - since >= .zero ||/
