# A vote does not matter.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D09-vote.txt
s/return panel\.openVote\(at: now\)\.map \{ \.found\(\.electionUnseen\(epoch: \$0\.epoch\)\) \}/return nil/
