/// keepalived on one host, as recipes for Redis with Sentinel have it: VRRP moves the address, and
/// a script that asks the local Redis for its role raises the master's priority.
struct KeepalivedConfiguration {
  /// The host's own address.
  var address: String
  /// The other hosts' addresses; VRRP goes to them one by one, so that no multicast is needed.
  var peers: [String]
  /// The VIPs, with prefix lengths.
  var virtualAddresses: [String]
  /// The path of the script that asks for the role.
  var script: String

  /// keepalived.conf(5).
  ///
  /// All hosts begin equal, and the check is worth more than any difference: so the master wins
  /// wherever it is. An advertisement each second is the default, and what the script's second
  /// matches.
  var text: String {
    """
    global_defs {
      script_user root
      enable_script_security
    }
    vrrp_script is_master {
      script "\(script)"
      interval 1
      timeout 1
      rise 1
      fall 1
      weight 50
    }
    vrrp_instance redis {
      state BACKUP
      interface eth0
      virtual_router_id 51
      priority 100
      advert_int 1
      unicast_src_ip \(address)
      unicast_peer {
    \(peers.map { "    \($0)\n" }.joined())  }
      virtual_ipaddress {
    \(virtualAddresses.map { "    \($0) dev eth0\n" }.joined())  }
      track_script {
        is_master
      }
    }

    """
  }

  /// The script: it succeeds where the Redis of a port is a master.
  static func roleCheck(port: UInt16) -> String {
    """
    #!/bin/sh
    redis-cli -h 127.0.0.1 -p \(port) ROLE | head -n 1 | grep -q master

    """
  }
}
