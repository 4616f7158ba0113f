/// The version of this build.
public enum Version {
  /// As in `vipd --version` and `status`.
  public static let text = "0.1.0"
}
