# A clock that was stepped ahead is doubted as long as the old lease lasts.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
s/now < min\(doubted\.until, doubted\.ends\)/now < doubted.ends/
