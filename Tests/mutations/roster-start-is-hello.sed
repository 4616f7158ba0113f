# A Sentinel that starts vouches for everyone that it knew.
# file: Sources/FailoverCore/Evidence+Recording.swift
s/sentAt - age <= connectedAt/sentAt - age <= connectedAt, age < .zero/
