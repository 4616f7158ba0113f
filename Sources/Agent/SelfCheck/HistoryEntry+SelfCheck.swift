import Addresses
import ChannelMessages
import FailoverCore
import Store
import Wording

extension HistoryEntry {
  /// The entry of a self-check.
  init(_ result: SelfCheckResult, wallNanoseconds: Int64) {
    self.init(result.isBad ? "unanswered" : "answered", wallNanoseconds: wallNanoseconds)
    add("checked", result.outcome.rawValue)
    add("text", result.sentence)
    add("afterMs", result.after?.wholeMilliseconds)
    add("by", result.by?.description)
    add("mac", result.macAddress?.description)
    add("address", result.address?.description)
    add("reason", result.reason?.rawValue)
  }
}
