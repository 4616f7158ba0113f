import ArgumentParser
import HostKit
import Lab

/// The command `hosts off`.
struct Off: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes a host's power: nothing of it says good-bye.")
  @OptionGroup var target: HostChoice

  func run() throws { try target.load().powerOff() }
}

/// The command `hosts on`.
struct On: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Boots a host that is off.")
  @OptionGroup var target: HostChoice

  func run() throws {
    let host = try target.load()
    try host.powerOn()
    try host.awaitBoot()
  }
}

/// The command `hosts cut`.
struct Cut: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pulls a host's cable: its interface loses the carrier.")
  @OptionGroup var target: HostChoice

  func run() throws { try target.load().cut() }
}

/// The command `hosts heal`.
struct Heal: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Puts a host's cable back.")
  @OptionGroup var target: HostChoice

  func run() throws { try target.load().heal() }
}
