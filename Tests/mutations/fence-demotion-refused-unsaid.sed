# A refused demotion is forgotten once the fence is closed again.
# file: Sources/FailoverCore/Fence/FenceMachine.swift
# caught by: F25-demotion-refused.txt
s/, !\(setting\.isClosed \&\& self\.problem\?\.isOfRole == true\) \{/ {/
