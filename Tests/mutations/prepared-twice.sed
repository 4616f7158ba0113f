# A selection is prepared for again and again.
# file: Sources/FailoverCore/Sentinels/Elections.swift
# caught by: 57-replaced-in-an-unknown-epoch.txt
s/selections\[index\]\.isUsed = true/_ = selections[index]/
