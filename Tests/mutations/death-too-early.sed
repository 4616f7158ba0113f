# What a replica has before its link ended is its last word.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D18-still-linked.txt
/func hasEnded/,/^  \}/s/said\.role == \.master \|\| !said\.isLinkUp/true/
