# A move vouches for the writes although its fence could not be read meanwhile.
# file: Sources/FailoverCore/FailoverMachine+FenceOrders.swift
s/if move\?\.closedAt != nil, move\?\.isDemoted == false \{.*/if false { move?.isUnbroken = false }/
