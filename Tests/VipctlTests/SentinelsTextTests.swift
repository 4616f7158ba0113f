import ControlProtocol
import Foundation
import Testing

@testable import vipctl

@Suite struct SentinelsTextTests {
  /// Three Sentinels, and a phantom that all of them list.
  private let json = """
    {"schema":1,"groups":[{"master":"mymaster","sentinels":4,"majority":3,"quorum":2,
    "confirmationsNeeded":3,"toleratedSentinelLosses":0,"fromTheFuture":1,
    "lines":[{"text":"s1.example:26379","addresses":[]},
             {"text":"10.77.0.2:26379","addresses":["10.77.0.2:26379"]}],
    "members":[
     {"address":"10.77.0.1:26379","runId":"aaaaaaaaaa","version":"7.0.15","connected":true,
      "names":"10.77.0.1:6379","configEpoch":7,"quorum":2,"downAfterMs":3000,"tilt":false,
      "clockOffsetMs":-600000,"clockSetBackMs":600000,"monitors":true,"leftOut":[],
      "lists":[{"runId":"bbbbbbbbbb","address":"10.77.0.2:26379","helloMsAgo":900},
               {"runId":"ffffffffff","address":null,"helloMsAgo":7200000}]},
     {"address":"10.77.0.2:26379","runId":"bbbbbbbbbb","connected":false,"loss":"refused",
      "monitors":true,"leftOut":[],"lists":[]}],
    "known":[
     {"runId":"aaaaaaaaaa","address":"10.77.0.1:26379","fate":"counted","inContact":true,
      "missing":false,"listedBy":[]},
     {"runId":"ffffffffff","address":null,"fate":"counted","inContact":false,"missing":true,
      "helloMsAgo":7200000,"listedBy":["10.77.0.1:26379"]}]}]}
    """

  @Test func `The phantom, the clock and who lists whom are told`() throws {
    let report = try JSONDecoder().decode(SentinelsDocument.self, from: Data(json.utf8))
    #expect(!report.groups[0].isWell)
    #expect(
      SentinelsText(style: .plain).text(report) == """
        mymaster  4 Sentinels count; 3 are a majority, quorum 2, 3 must confirm the holder; none may fail
          ! ? (run id ffffffffff) counts and is not there: listed by 10.77.0.1:26379; last hello 2 h 0 min ago
          ! the clock of 10.77.0.1:26379 was set back by 10 min 0 s: restart this Sentinel
          SENTINEL         ID        VERSION  NAMES           EPOCH  QUORUM  DOWN-AFTER  CLOCK              STATE
          10.77.0.1:26379  aaaaaaaa  7.0.15   10.77.0.1:6379  7      2       3000 ms     10 min 0 s behind  in contact
          10.77.0.2:26379  bbbbbbbb  -        -               -      -       -           -                  out of contact: refused

          LISTS            10.77.0.1:26379  ffffffff
          10.77.0.1:26379  itself           2 h 0 min
                           answers          missing
          s1.example:26379 -> not resolved

        """)
  }

  @Test func `One that was forgotten and that Sentinel still counts needs its RESET`() throws {
    var report = try JSONDecoder().decode(SentinelsDocument.self, from: Data(json.utf8))
    report.groups[0].members[0].clockSetBackMs = nil
    report.groups[0].members[1].counts = false
    report.groups[0].known[1].missing = false
    #expect(report.groups[0].isWell)
    report.groups[0].known[1].fate = "forgotten"
    #expect(!report.groups[0].isWell)
    let text = SentinelsText(style: .plain).text(report)
    #expect(
      text.contains("! ? (run id ffffffffff) was forgotten, and 10.77.0.1:26379 still counts it"))
    report.groups[0].known[1].listedBy = []
    #expect(report.groups[0].isWell)
  }
}
