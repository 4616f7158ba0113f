# A refused demotion is forgotten once the fence is closed again.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
s/, !\(setting\.isClosed \&\& self\.problem\?\.isOfRole == true\) \{/ {/
