# The link is asked although the operator said not to.
# file: Sources/FailoverCore/Address/DuplicateProbe.swift
# caught by: 95-probes-off.txt
s/guard isEnabled else \{ return true \}//
