# The link is asked although the operator said not to.
# file: Sources/FailoverCore/Address/DuplicateProbe.swift
s/guard isEnabled else \{ return true \}//
