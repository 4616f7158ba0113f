# The announcement goes out before the kernel has the address.
# file: Sources/FailoverCore/Address/AddressMachine.swift
# caught by: 01-kill.txt
/private mutating func take\(/,/^  \}/{
s/^    kernel\.begin\(.*$/    announcer.begin(\&turn)/
t
s/^    announcer\.begin\(.*$/    kernel.begin(\&holding, rules(evidence, at: turn.now), isPaused: pause != nil, \&turn)/
}
