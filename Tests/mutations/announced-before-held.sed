# The announcement goes out before the kernel has the address.
# file: Sources/FailoverCore/FailoverMachine+Holding.swift
/mutating func take\(/,/^  \}/{
s/^    install\(.*$/    orders.append(.announce(configuration.virtualAddresses, configuration.announcement))/
t
s/^    orders.append\(.announce\(.*$/    install(\&tenure, at: now, \&orders)/
}
