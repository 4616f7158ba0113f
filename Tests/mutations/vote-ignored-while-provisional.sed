# A newer vote does not end a provisional holding.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
s/vote\.epoch > tenure\.epoch, !evidence/vote.epoch > tenure.epoch + 100, !evidence/
