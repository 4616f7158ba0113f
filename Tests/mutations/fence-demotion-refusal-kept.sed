# A refused demotion is told although Sentinel has made this node a replica.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
/if problem\?\.isOfRole == true \{ record\(nil, \&turn\) \}/d
