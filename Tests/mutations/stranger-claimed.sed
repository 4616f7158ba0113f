# What another program left here stays although somebody else answers for it.
# file: Sources/FailoverCore/Address/KernelLease.swift
s/if !isClaimed, entitlement\.mayKeepFound/if entitlement.mayKeepFound/
