import Foundation
import History
import Run
import TestSupport
import Testing

@Suite("Pictures in a run's history")
struct PictureHistoryTests {
  private let home = TemporaryFolder()

  private func picture(_ step: Int, _ kind: ProbePicture.Kind, shade: UInt8 = 7) -> ProbePicture {
    ProbePicture(
      step: step, number: 0, kind: kind, width: 2, height: 1,
      pixels: [UInt8](repeating: shade, count: 6))
  }

  @Test("they come back, and those of steps that are dropped are gone")
  func rewind() throws {
    let directory = home.run()
    let writer = try HistoryWriter(directory: directory)
    try writer.append([picture(0, .image), picture(0, .components)], data: "a")
    for step in [100, 200, 300] {
      try writer.append([picture(step, .components, shade: UInt8(step / 10))], data: "a")
    }
    #expect(try writer.hasPictures(.image, data: "a") && !writer.hasPictures(.image, data: "b"))
    #expect(try writer.lastPictures(before: 300) == [picture(200, .components, shade: 20)])
    let reader = try HistoryReader(directory: directory)
    #expect(try reader.pictures().map(\.step) == [0, 0, 100, 200, 300])
    try writer.rewind(to: 100, journal: Journal())
    #expect(try reader.pictures().map(\.step) == [0, 0, 100])
    // Steps that are computed again replace theirs.
    try writer.append(Sample(step: 90, time: 1, values: [:]))
    try writer.flush()
    try writer.append(Sample(step: 80, time: 2, values: [:]))
    try writer.flush()
    #expect(try reader.pictures().map(\.step) == [0, 0])
  }

  @Test("of many probes some are left out, never the last")
  func many() throws {
    let directory = home.run()
    let writer = try HistoryWriter(directory: directory)
    for step in 1...300 { try writer.append([picture(step, .components)], data: nil) }
    let steps = try HistoryReader(directory: directory).pictures().map(\.step)
    #expect((60...97).contains(steps.count) && steps.last == 300)
  }

  @Test("of crops and neighbours the last ones are kept, of attention those of every probe")
  func lastOnly() throws {
    let directory = home.run()
    let writer = try HistoryWriter(directory: directory)
    for step in [10, 20, 30] {
      try writer.append(
        ProbePicture.Kind.allCases.map { picture(step, $0, shade: UInt8(step)) }, data: nil)
    }
    let found = try HistoryReader(directory: directory).pictures()
    for kind in [ProbePicture.Kind.neighbours, .prototypes, .globalCrops, .localCrops] {
      #expect(found.filter { $0.kind == kind }.map(\.step) == [30])
    }
    for kind in [ProbePicture.Kind.image, .components, .attention] {
      #expect(found.filter { $0.kind == kind }.map(\.step) == [10, 20, 30])
    }
  }

  @Test("a probe whose features do not vary has attention, and no components")
  func attentionAlone() throws {
    let directory = home.run()
    let writer = try HistoryWriter(directory: directory)
    for step in [10, 20] { try writer.append([picture(step, .attention)], data: nil) }
    #expect(try HistoryReader(directory: directory).pictures().map(\.step) == [10, 20])
  }

  @Test("on the wire they are text, and what is not of its size is refused")
  func wire() throws {
    let sent = picture(3, .components)
    let json = try JSONEncoder().encode(sent)
    #expect(try JSONDecoder().decode(ProbePicture.self, from: json) == sent)
    for (name, value) in [
      ("width", "3"), ("height", "0"), ("width", "4000000"), ("pixels", "\"!\""),
    ] {
      let text = String(decoding: json, as: UTF8.self).replacing(
        try Regex("\"\(name)\":(\"[^\"]*\"|[0-9]+)"), with: "\"\(name)\":\(value)")
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(ProbePicture.self, from: Data(text.utf8))
      }
    }
  }
}
