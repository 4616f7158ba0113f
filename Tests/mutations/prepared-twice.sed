# A selection is prepared for again and again.
# file: Sources/FailoverCore/Sentinels/Elections.swift
s/selections\[index\]\.isUsed = true/_ = selections[index]/
