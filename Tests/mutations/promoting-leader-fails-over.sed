# A Sentinel that has just promoted this node runs another failover.
# file: Sources/FailoverCore/Death/DeathRules.swift
s/if view\.hasPromoted\(panel\.localInstances\) \{ continue \}//
