extension NetlinkSocket {
  /// How often a dump starts again when the table changes under it.
  static let dumpAttempts = 8

  /// Sends requests, many in a datagram, and says for each what the kernel refused.
  ///
  /// Only the last request of a datagram asks for an acknowledgement: the kernel works on them in
  /// order and reports every error unasked, so that one acknowledgement stands for all that came
  /// before it without an error. A thousand requests thus take 16 answers, and no queue overflows.
  ///
  /// - Parameters:
  ///   - count: how many requests.
  ///   - name: what an error calls the request of an index.
  ///   - encode: writes the request of an index with these flags and this sequence number.
  /// - Returns: as many entries; nothing for a request that was carried out.
  /// - Throws: `callFailed` or `malformed`, after which it is open what was carried out.
  mutating func transact(
    count: Int, name: (Int) -> String,
    encode: (Int, _ flags: UInt16, _ sequence: UInt32, UnsafeMutableRawBufferPointer) -> Int?
  ) throws(NetlinkError) -> [KernelRefusal?] {
    var refusals: [KernelRefusal?] = []
    refusals.reserveCapacity(count)
    for start in stride(from: 0, to: count, by: Self.requestsPerDatagram) {
      let length = min(Self.requestsPerDatagram, count - start)
      let first = nextSequence()
      for _ in 1..<length { _ = nextSequence() }
      do {
        try unsafe send(count: length) { index, buffer in
          let flags = index == length - 1 ? Kernel.acknowledge : 0
          return unsafe encode(start + index, flags, first &+ UInt32(index), buffer)
        }
      } catch {
        throw .callFailed(error)
      }
      refusals += try answers(to: first, count: length) { name(start + $0) }
    }
    return refusals
  }

  /// Reads answers until the last request of a datagram has one.
  ///
  /// Bounded: a datagram of requests has one answer for each at most.
  private mutating func answers(
    to first: UInt32, count: Int, name: (Int) -> String
  ) throws(NetlinkError) -> [KernelRefusal?] {
    var refusals = [KernelRefusal?](repeating: nil, count: count)
    var isComplete = false
    while !isComplete {
      let answered: Void? = try receive { datagram throws(NetlinkError) in
        try NetlinkReader.forEachMessage(in: datagram) { header, payload throws(NetlinkError) in
          let index = Int(header.sequence &- first)
          guard index < count, header.type == Kernel.messageError else { return }
          if let refusal = try NetlinkReader.refusal(in: payload, flags: header.flags) {
            refusals[index] = KernelRefusal(
              request: name(index), errno: refusal.errno, message: refusal.message)
          }
          if index == count - 1 { isComplete = true }
        }
      }
      guard answered != nil else { throw .malformed(.missingEnd) }
    }
    return refusals
  }

  /// Dumps a table of the kernel.
  ///
  /// A dump that the kernel marks as interrupted may lack entries that were there all the time
  /// (`NLM_F_DUMP_INTR`, netlink(7)), so it starts again.
  ///
  /// - Parameters:
  ///   - name: what an error calls the request.
  ///   - encode: writes the request with this sequence number.
  ///   - decode: reads one message; nothing for one that is of no interest.
  /// - Returns: what was read, in the kernel's order.
  /// - Throws: any `NetlinkError`.
  mutating func dump<Element>(
    name: String, encode: (_ sequence: UInt32, UnsafeMutableRawBufferPointer) -> Int?,
    decode: (_ type: UInt16, Span<UInt8>) throws(NetlinkError) -> Element?
  ) throws(NetlinkError) -> [Element] {
    for _ in 0..<Self.dumpAttempts {
      let sequence = nextSequence()
      do {
        try unsafe send { _, buffer in unsafe encode(sequence, buffer) }
      } catch {
        throw .callFailed(error)
      }
      do {
        if let elements = try dumped(sequence: sequence, name: name, decode: decode) {
          return elements
        }
      } catch {
        drain()
        throw error
      }
    }
    throw .malformed(.dumpInterrupted)
  }

  /// Reads an abandoned dump to its end: until then the kernel takes no other on this socket.
  ///
  /// Bounded: 4096 datagrams hold a table of some 100,000 entries.
  private mutating func drain() {
    for _ in 0..<4096 {
      let more: Void?? = try? receive { _ throws(NetlinkError) in }
      guard case .some(.some) = more else { return }
    }
  }

  /// Reads a dump to its end; nothing if it was interrupted.
  private mutating func dumped<Element>(
    sequence: UInt32, name: String,
    decode: (_ type: UInt16, Span<UInt8>) throws(NetlinkError) -> Element?
  ) throws(NetlinkError) -> [Element]? {
    var elements: [Element] = []
    var isInterrupted = false
    var isComplete = false
    while !isComplete {
      let answered: Void? = try receive { datagram throws(NetlinkError) in
        try NetlinkReader.forEachMessage(in: datagram) { header, payload throws(NetlinkError) in
          guard header.sequence == sequence else { return }
          if header.flags & Kernel.dumpInterrupted != 0 { isInterrupted = true }
          switch header.type {
          case Kernel.messageDone, Kernel.messageError:
            isComplete = true
            let refusal = try NetlinkReader.refusal(in: payload, flags: header.flags)
            guard let refusal else { return }
            throw .refused(
              KernelRefusal(request: name, errno: refusal.errno, message: refusal.message))
          default:
            if let element = try decode(header.type, payload) { elements.append(element) }
          }
        }
      }
      guard answered != nil else { throw .malformed(.missingEnd) }
    }
    return isInterrupted ? nil : elements
  }
}
