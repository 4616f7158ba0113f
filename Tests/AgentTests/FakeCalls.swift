/// What several fakes were told, in its order.
final class FakeCalls {
  var calls: [String] = []
}
