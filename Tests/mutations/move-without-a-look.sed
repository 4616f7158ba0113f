# A move does not ask the link whether another machine answers for the address.
# file: Sources/FailoverCore/FailoverMachine.swift
# caught by: D20-during-a-move.txt
s/if isBegun, !request.acceptsAnyTarget \{ address.look\(&turn\) \}/_ = isBegun/
