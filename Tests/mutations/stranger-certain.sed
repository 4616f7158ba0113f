# What another program left here is taken without a look whether it is elsewhere too.
# file: Sources/FailoverCore/Address/KernelLease.swift
# caught by: 88-stranger-adopted.txt
s/ \&\& foundSince == nil \}/ }/
