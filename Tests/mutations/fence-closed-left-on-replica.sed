# A closed value stays on a replica.
# file: Sources/FailoverCore/FailoverMachine+Fencing.swift
s/guard fence\.expected\?\.isClosed == true \|\| fence\.isOpenedForSelection else/guard fence.isOpenedForSelection else/
