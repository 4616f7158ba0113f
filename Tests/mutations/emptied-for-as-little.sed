# A replica that has synchronized with the emptied master is promoted.
# file: Sources/FailoverCore/Death/DeathRules.swift
# caught by: D49-emptied-beside-an-emptied-one.txt
s/if let own = inquest\.restarted,$/if let own = inquest.restarted, own.keys > 9_999_999,/
