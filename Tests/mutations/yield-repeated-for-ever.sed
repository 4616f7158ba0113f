# A holder that yielded repeats its notice although it can be asked.
# file: Sources/FailoverCore/Address/Conduct.swift
# caught by: 08-planned-failover-holder.txt
s/evidence\.local\.isLost \? grant/true ? grant/
