/// What `vipctl doctor --json` tells.
public struct DoctorDocument: ControlDocument {
  /// 1; another number for one in which a member has changed its meaning.
  public var schema = 1
  /// The groups that were examined.
  public var groups: [Group] = []

  /// Makes one to be filled in.
  public init() {}

  /// One group.
  public struct Group: ControlDocument {
    /// The master name.
    public var master = ""
    /// What was found, the worst first.
    public var findings: [Finding] = []
    /// What was looked at, a sentence for each theme.
    public var checked: [String] = []
    /// What was not seen, and why.
    public var unseen: [HostFactsDocument.Unseen] = []

    /// Makes one to be filled in.
    public init() {}
  }

  /// Something that was found.
  public struct Finding: ControlDocument {
    /// A label, never changed once released; that of a problem of `status` where it is one.
    public var id = ""
    /// `error`, `warning` or `note`; a note alone is no reason for exit status 3.
    public var severity = ""
    /// The host that it is about; nil where it is about all.
    public var host: String?
    /// What was seen.
    public var text = ""
    /// What to do; empty where the text says it.
    public var remedy = ""

    /// Makes one to be filled in.
    public init() {}
  }
}
