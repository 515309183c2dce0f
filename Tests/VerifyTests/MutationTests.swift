import Foundation
import TestSupport
import Testing
import Verify

@Suite("Damaged cases", .serialized)
struct MutationTests {
  @Test("a case with damaged texts is opened or refused")
  func texts() throws {
    let golden = try GoldenCase("tied-one-layer-no-clipping")
    let names = ["case.json", "expected.json"]
    let sound = names.map { bytes(of: golden.folder.appending(path: $0).path) }
    let problems = Mutations.problems(
      "case", sound, as: .text, megabytes: 32, accepted: 0.03...0.95
    ) { bytes, number in
      try golden.write(Data(bytes), to: names[number % 2])
      defer { try? golden.write(Data(sound[number % 2]), to: names[number % 2]) }
      let opened = try RecordedCase(folder: golden.folder.path)
      #expect(!opened.summary.isEmpty)
    }
    #expect(problems == [])
  }
}
