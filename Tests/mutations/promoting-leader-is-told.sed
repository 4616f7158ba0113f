# A Sentinel that is still in its failover is told to fail over.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D38-successor-dies-unnamed.txt
s/guard !view\.isFailoverPending else/guard !view.isFailoverPending || view.named != view.master else/
