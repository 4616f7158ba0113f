# A clock that moved ahead makes no proof older.
# file: Sources/FailoverCore/Address/AddressMachine.swift
# caught by: 49-late-answer-after-a-jump.txt
s/case \.clockJump\(let jump\) = disturbance, jump > \.zero/case .clockJump(let jump) = disturbance, jump > .seconds(3_600)/
