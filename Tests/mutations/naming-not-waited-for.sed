# A naming without evidence is taken at once.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 10-planned-failover-no-notice.txt
s/guard now - since >= lease \|\|/guard now - since >= .zero ||/
