# A replica without its master's data is the process that had it.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D42-promoted-without-its-data.txt
s/if identity\.isLinkUp \{ process = identity\.process \}/process = identity.process/
