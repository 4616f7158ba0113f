/// A seeded generator whose numbers are the same on every machine: xoshiro256** (Blackman and
/// Vigna, 2018), its state filled by SplitMix64.
struct SeededRandom {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  init(seed: UInt64) {
    var mixer = seed
    func next() -> UInt64 {
      mixer &+= 0x9e37_79b9_7f4a_7c15
      var value = mixer
      value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
      value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
      return value ^ (value >> 31)
    }
    state = (next(), next(), next(), next())
  }

  mutating func next() -> UInt64 {
    let product = state.1 &* 5
    let result = ((product << 7) | (product >> 57)) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = (state.3 << 45) | (state.3 >> 19)
    return result
  }

  /// A number from a closed range.
  mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
    let width = UInt64(range.upperBound - range.lowerBound) + 1
    return range.lowerBound + Int64(next().multipliedFullWidth(by: width).high)
  }

  /// A whole number from a closed range.
  mutating func index(_ range: ClosedRange<Int>) -> Int {
    Int(number(Int64(range.lowerBound)...Int64(range.upperBound)))
  }

  /// True so many times in a thousand.
  mutating func chance(perMille: Int) -> Bool {
    number(0...999) < Int64(perMille)
  }

  /// One of the elements, which must not be none.
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[index(0...(elements.count - 1))]
  }

  /// A number for which each doubling is about as likely as the next, without floating point.
  mutating func logarithmic(_ range: ClosedRange<Int64>) -> Int64 {
    var octaves = 0
    while range.lowerBound << Int64(octaves + 1) <= range.upperBound { octaves += 1 }
    let lower = range.lowerBound << number(0...Int64(octaves))
    return number(lower...min(lower * 2, range.upperBound))
  }
}
