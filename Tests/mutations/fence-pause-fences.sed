# A pause does not keep the fence from changing.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: F21-pause.txt
s/guard !isPaused, let closed = policy\.closedSetting/guard let closed = policy.closedSetting/
