/// Replies of a real Redis 7.0.15 and its Sentinel, captured from the wire.
///
/// Written with a blank for each CR LF, since none of them holds a blank itself.
package enum Captured {
  /// The bytes of a reply.
  package static func bytes(_ text: String) -> [UInt8] {
    Array((text.split { $0 == " " || $0 == "\n" }.joined(separator: "\r\n") + "\r\n").utf8)
  }

  /// `SENTINEL GET-MASTER-ADDR-BY-NAME` in RESP2.
  package static let namedInRESP2 = """
    *2 $9 127.0.0.1 $4 6379
    """

  /// `SENTINEL MASTER` in RESP2.
  package static let masterInRESP2 = """
    *40 $4 name $8 mymaster $2 ip $9 127.0.0.1 $4 port $4 6379 $5 runid $40
    88411ed64d21e798527921e8b06eef8592fb5dc3 $5 flags $6 master $21 link-pending-commands $1 0
    $13 link-refcount $1 1 $14 last-ping-sent $1 0 $18 last-ok-ping-reply $1 8 $15
    last-ping-reply $1 8 $23 down-after-milliseconds $4 3000 $12 info-refresh $4 3383 $13
    role-reported $6 master $18 role-reported-time $5 13492 $12 config-epoch $1 0 $10 num-slaves
    $1 1 $19 num-other-sentinels $1 1 $6 quorum $1 2 $16 failover-timeout $6 180000 $14
    parallel-syncs $1 1
    """

  /// `SENTINEL REPLICAS` in RESP2.
  package static let replicasInRESP2 = """
    *1 *42 $4 name $14 127.0.0.1:6380 $2 ip $9 127.0.0.1 $4 port $4 6380 $5 runid $40
    e467cdfb75af0ee931997c12264b097fb7b5f551 $5 flags $5 slave $21 link-pending-commands $1 0
    $13 link-refcount $1 1 $14 last-ping-sent $1 0 $18 last-ok-ping-reply $3 132 $15
    last-ping-reply $3 132 $23 down-after-milliseconds $4 3000 $12 info-refresh $4 8449 $13
    role-reported $5 slave $18 role-reported-time $5 13753 $21 master-link-down-time $1 0 $18
    master-link-status $2 ok $11 master-host $9 127.0.0.1 $11 master-port $4 6379 $14
    slave-priority $3 100 $17 slave-repl-offset $3 555 $17 replica-announced $1 1
    """

  /// `SENTINEL SENTINELS` in RESP2.
  package static let sentinelsInRESP2 = """
    *1 *28 $4 name $40 53be43bd468731f6b6bf7bbee9147db522b7f07e $2 ip $9 127.0.0.1 $4 port $5
    26372 $5 runid $40 53be43bd468731f6b6bf7bbee9147db522b7f07e $5 flags $8 sentinel $21
    link-pending-commands $1 0 $13 link-refcount $1 1 $14 last-ping-sent $1 0 $18
    last-ok-ping-reply $3 608 $15 last-ping-reply $3 608 $23 down-after-milliseconds $4 3000 $18
    last-hello-message $4 1783 $12 voted-leader $1 ? $18 voted-leader-epoch $1 0
    """

  /// `ROLE` of the master in RESP2.
  package static let roleOfMasterInRESP2 = """
    *3 $6 master :1922 *1 *3 $9 127.0.0.1 $4 6380 $4 1922
    """

  /// `ROLE` of the replica in RESP2.
  package static let roleOfReplicaInRESP2 = """
    *5 $5 slave $9 127.0.0.1 :6379 $9 connected :1922
    """

  /// `SENTINEL GET-MASTER-ADDR-BY-NAME` in RESP3.
  package static let namedInRESP3 = """
    *2 $9 127.0.0.1 $4 6379
    """

  /// `SENTINEL MASTER` in RESP3.
  package static let masterInRESP3 = """
    %20 $4 name $8 mymaster $2 ip $9 127.0.0.1 $4 port $4 6379 $5 runid $40
    88411ed64d21e798527921e8b06eef8592fb5dc3 $5 flags $6 master $21 link-pending-commands $1 0
    $13 link-refcount $1 1 $14 last-ping-sent $1 0 $18 last-ok-ping-reply $3 217 $15
    last-ping-reply $3 217 $23 down-after-milliseconds $4 3000 $12 info-refresh $4 6703 $13
    role-reported $6 master $18 role-reported-time $5 16812 $12 config-epoch $1 0 $10 num-slaves
    $1 1 $19 num-other-sentinels $1 1 $6 quorum $1 2 $16 failover-timeout $6 180000 $14
    parallel-syncs $1 1
    """

  /// `SENTINEL REPLICAS` in RESP3.
  package static let replicasInRESP3 = """
    *1 %21 $4 name $14 127.0.0.1:6380 $2 ip $9 127.0.0.1 $4 port $4 6380 $5 runid $40
    e467cdfb75af0ee931997c12264b097fb7b5f551 $5 flags $5 slave $21 link-pending-commands $1 0
    $13 link-refcount $1 1 $14 last-ping-sent $1 0 $18 last-ok-ping-reply $3 360 $15
    last-ping-reply $3 360 $23 down-after-milliseconds $4 3000 $12 info-refresh $4 1682 $13
    role-reported $5 slave $18 role-reported-time $5 17073 $21 master-link-down-time $1 0 $18
    master-link-status $2 ok $11 master-host $9 127.0.0.1 $11 master-port $4 6379 $14
    slave-priority $3 100 $17 slave-repl-offset $4 1922 $17 replica-announced $1 1
    """

  /// `SENTINEL SENTINELS` in RESP3.
  package static let sentinelsInRESP3 = """
    *1 %14 $4 name $40 53be43bd468731f6b6bf7bbee9147db522b7f07e $2 ip $9 127.0.0.1 $4 port $5
    26372 $5 runid $40 53be43bd468731f6b6bf7bbee9147db522b7f07e $5 flags $8 sentinel $21
    link-pending-commands $1 0 $13 link-refcount $1 1 $14 last-ping-sent $1 0 $18
    last-ok-ping-reply $3 817 $15 last-ping-reply $3 817 $23 down-after-milliseconds $4 3000 $18
    last-hello-message $4 1006 $12 voted-leader $1 ? $18 voted-leader-epoch $1 0
    """

  /// `ROLE` of the master in RESP3.
  package static let roleOfMasterInRESP3 = """
    *3 $6 master :2454 *1 *3 $9 127.0.0.1 $4 6380 $4 2188
    """

  /// `ROLE` of the replica in RESP3.
  package static let roleOfReplicaInRESP3 = """
    *5 $5 slave $9 127.0.0.1 :6379 $9 connected :2454
    """

  /// The text of `INFO replication` of the master.
  package static let replication = """
    # Replication
    role:master
    connected_slaves:1
    slave0:ip=127.0.0.1,port=6380,state=online,offset=1922,lag=1
    master_failover_state:no-failover
    master_replid:7533879e36647770b7ecdf62293e87ae243a1b8a
    master_replid2:0000000000000000000000000000000000000000
    master_repl_offset:1922
    second_repl_offset:-1
    repl_backlog_active:1
    repl_backlog_size:1048576
    repl_backlog_first_byte_offset:1
    repl_backlog_histlen:1922
    """
}
