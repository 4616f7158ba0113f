# A master that was found to have less is whole once its replicas have lost theirs.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D40-emptied-for-good.txt
s/guard let loss = inquest\.loss else \{/guard let loss = inquest.loss, false else {/
