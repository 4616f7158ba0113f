# A refused demotion is told although Sentinel has made this node a replica.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: F33-demoted-by-sentinel-instead.txt
/if problem\?\.isOfRole == true \{ record\(nil, \&turn\) \}/d
