import Foundation
import Run
import Testing
import Wire

@Suite("Pictures in replies")
struct PictureReplyTests {
  private func reply(_ pictures: String) -> [Data] {
    [Data(#"{"id": "1", "outcome": "ok", "pictures": [\#(pictures)]}"#.utf8)]
  }

  private let image =
    #"{"step": 4, "number": 0, "kind": "image", "width": 1, "height": 1, "pixels": "AQID"}"#

  @Test("those of kinds that a later version has are left out")
  func later() throws {
    let later = #"{"step": 4, "kind": "saliency", "layers": [1, 2]}"#
    let found = try ReplyCoding.decode(reply("\(later), \(image), \(later)")).pictures
    let known = ProbePicture(
      step: 4, number: 0, kind: .image, width: 1, height: 1, pixels: [1, 2, 3])
    #expect(found?.elements == [known])
    #expect(try ReplyCoding.decode(reply(later)).pictures?.elements == [])
  }

  @Test("one of a known kind whose pixels are not those of its size makes the reply malformed")
  func damaged() {
    for wrong in [#""width": 2"#, #""width": 0"#, #""width": -1"#, #""width": 321"#] {
      let damaged = image.replacingOccurrences(of: #""width": 1"#, with: wrong)
      #expect(throws: WireError.self) { try ReplyCoding.decode(reply(damaged)) }
    }
  }
}
