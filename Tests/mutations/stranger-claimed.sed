# What another program left here stays although somebody else answers for it.
# file: Sources/FailoverCore/Address/KernelLease.swift
# caught by: 92-stranger-beside-a-holder.txt
s/if !isClaimed, entitlement\.mayKeepFound/if entitlement.mayKeepFound/
