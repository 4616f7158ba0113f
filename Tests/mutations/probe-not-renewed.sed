# A selected node keeps a probe that the old holder may have answered.
# file: Sources/FailoverCore/Address/AddressMachine.swift
# caught by: 09-planned-failover-target.txt
/if !wasGone, isOldHolderGone\(evidence, at: turn\.now\), !probe\.isClean \{ probe\.start/d
