# A holder that yielded repeats its notice although it can be asked.
# file: Sources/FailoverCore/Address/Conduct.swift
s/evidence\.local\.isLost \? grant/true ? grant/
