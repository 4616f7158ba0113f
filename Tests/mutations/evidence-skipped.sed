# The fast path needs no evidence that the old holder is gone.
# file: Sources/FailoverCore/Address/Entitlement.swift
# caught by: 10-planned-failover-no-notice.txt
s/!panel\.isAnotherSelected\(from: epoch\), isOldHolderGone\(preparation\)$/!panel.isAnotherSelected(from: epoch)/
