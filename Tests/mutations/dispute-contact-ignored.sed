# The named node's word carries a holder that no Sentinel answers.
# file: Sources/FailoverCore/Address/Doubts.swift
# caught by: 85-first-configuration-cut.txt
s/if rules\.isMajorityInContact \{ dispute\?\.carry\(\) \}/dispute?.carry()/
