# A Sentinel that has just promoted this node runs another failover.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D38-successor-dies-unnamed.txt
s/if view\.hasPromoted\(panel\.localInstances\) \{ continue \}//
