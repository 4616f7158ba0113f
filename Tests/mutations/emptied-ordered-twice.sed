# An order whose answer was lost is given again.
# file: Sources/FailoverCore/Death/DeathMachine.swift
# caught by: D48-emptied-and-the-answer-lost.txt
s/^    case \.lost:$/    case .lost where inquest != nil:\n      orderedAt = nil\n      state = inquest.map { .asking($0) } ?? state\n    case .lost:/
