# A clock that moved ahead makes no proof older.
# file: Sources/FailoverCore/Address/AddressMachine.swift
s/case \.clockJump\(let jump\) = disturbance, jump > \.zero/case .clockJump(let jump) = disturbance, jump > .seconds(3_600)/
