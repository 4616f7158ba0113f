# A refused demotion is forgotten once the fence is closed again.
# file: Sources/FailoverCore/FailoverMachine+FenceOrders.swift
s/, !\(setting\.isClosed \&\& fence\.problem\?\.isOfRole == true\) \{/ {/
