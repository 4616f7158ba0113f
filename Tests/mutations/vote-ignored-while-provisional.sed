# A newer vote does not end a provisional holding.
# file: Sources/FailoverCore/Address/HoldingRules.swift
# caught by: 41-provisional-newer-vote.txt
s/vote\.epoch > holding\.epoch,$/vote.epoch > holding.epoch + 100,/
