# A clock that moved ahead makes no proof older.
# file: Sources/FailoverCore/Evidence+Recording.swift
s/guard case .clockJump\(let jump\) = disturbance, jump > .zero/guard case .clockJump(let jump) = disturbance, jump > .seconds(3_600)/
