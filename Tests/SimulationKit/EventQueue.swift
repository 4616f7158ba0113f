/// What happens in the world, in the order of time; at one time in the order of scheduling.
///
/// The heap holds 16-byte keys, and the payloads stay where they were put, so that sifting moves
/// no references.
struct EventQueue<Payload> {
  private struct Key {
    var time: Int64
    var sequence: UInt32
    var slot: UInt32

    func precedes(_ other: Key) -> Bool {
      time < other.time || (time == other.time && sequence < other.sequence)
    }
  }

  private var heap: [Key] = []
  private var slots: [Payload?] = []
  private var freeSlots: [UInt32] = []
  private var sequence: UInt32 = 0

  init() {
    heap.reserveCapacity(256)
    slots.reserveCapacity(256)
  }

  mutating func push(_ payload: Payload, at time: Int64) {
    let slot: UInt32
    if let free = freeSlots.popLast() {
      slot = free
      slots[Int(free)] = payload
    } else {
      slot = UInt32(slots.count)
      slots.append(payload)
    }
    sequence += 1
    heap.append(Key(time: time, sequence: sequence, slot: slot))
    siftUp()
  }

  mutating func pop() -> (time: Int64, payload: Payload)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      heap[0] = last
      siftDown()
    }
    guard let payload = slots[Int(first.slot)].take() else { return nil }
    freeSlots.append(first.slot)
    return (first.time, payload)
  }

  private mutating func siftUp() {
    var child = heap.count - 1
    let key = heap[child]
    while child > 0 {
      let parent = (child - 1) / 2
      guard key.precedes(heap[parent]) else { break }
      heap[child] = heap[parent]
      child = parent
    }
    heap[child] = key
  }

  private mutating func siftDown() {
    let key = heap[0]
    let count = heap.count
    var parent = 0
    while true {
      var child = parent * 2 + 1
      guard child < count else { break }
      if child + 1 < count, heap[child + 1].precedes(heap[child]) { child += 1 }
      guard heap[child].precedes(key) else { break }
      heap[parent] = heap[child]
      parent = child
    }
    heap[parent] = key
  }
}
