# A loss is told without the bytes that are missing.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D59-older-for-good.txt
s/loss\.missingBytes = said\.offset - base\.offset/_ = base/
