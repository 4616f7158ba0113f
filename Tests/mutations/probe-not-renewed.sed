# A selected node keeps a probe that the old holder may have answered.
# file: Sources/FailoverCore/Address/AddressMachine.swift
/if !wasGone, isOldHolderGone\(evidence, at: turn\.now\), !probe\.isClean \{ probe\.start/d
