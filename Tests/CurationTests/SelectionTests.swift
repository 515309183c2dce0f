import Foundation
import Images
import TestSupport
import Testing

import Curation

@Suite("What stages with features choose")
struct SelectionTests {
  private let test = TestPool()
  private let features =
    "embed:\n  weights: colours\nduplicates:\n  parts: false\n  features: true\n  threshold: 1\n"

  init() { test.embedding = ColourEmbedding() }

  private func addColours() throws {
    for number in 0..<8 {
      try test.add(.coloured(200, 60 + number, 60, seed: number), "red/\(number).png")
      try test.add(.coloured(60, 200, 60 + number, seed: 20 + number), "green/\(number).png")
    }
  }

  @Test("features above a threshold are copies; a component keeps one, a star what is unlike it")
  func copies() throws {
    try addColours()
    let whole =
      "embed:\n  weights: colours\nduplicates:\n  parts: false\n  features: true\n  threshold: 0.9\n"
    let catalogue = try test.curate(whole)
    let kept = try test.kept(catalogue)
    #expect(kept.count == 2 && kept[0].hasPrefix("green") && kept[1].hasPrefix("red"), "\(kept)")
    #expect(try test.verdict(catalogue, "red/3.png")?.rule == "duplicates.features")
    // Features are computed once.
    let computed = (test.embedding as! ColourEmbedding).computed
    try test.curate(whole + "  link: star\n")
    #expect((test.embedding as! ColourEmbedding).computed == computed)
  }

  @Test(
    "features find no copies unless they are said to, and a heap that shrinks to little is told")
  func kinds() throws {
    for number in 0..<120 {
      try test.add(.coloured(200, 60 + number % 40, 60, seed: number), "red/\(number).png")
    }
    let plain = "embed:\n  weights: colours\nduplicates:\n  parts: false\n"
    #expect(try test.kept(test.curate(plain)).count > 100)
    #expect(!test.observer.notices.contains { $0.contains("are dropped as copies") })
    #expect(try test.kept(test.curate(plain + "  features: true\n")).count < 12)
    #expect(
      test.observer.notices.contains {
        $0.contains("of 120 images are dropped as copies, most by duplicates.features")
          || $0.contains("are dropped as copies, most by features")
      }, "\(test.observer.notices)")
  }

  @Test("a chain drops all of a component but one, a star only what is linked to it")
  func links() {
    let images = (0..<4).map { number in
      CatalogueImage(
        id: number, source: 1, file: "\(number)", bytes: 1, width: 100 - number, height: 1,
        checksum: [], entropy: 1, oneColour: 0, sharpness: 1, problem: nil)
    }
    let pairs = [(0, 1), (1, 2), (2, 3)].map { LikePair(.features, $0, $1, score: 0.9) }
    let groups = CopyGroups(images, pairs)
    #expect(groups.verdicts(.chain).map(\.image) == [1, 2, 3])
    #expect(groups.verdicts(.chain).map(\.other) == [0, 0, 0])
    #expect(groups.verdicts(.star).map(\.image) == [1, 3])
    #expect(groups.verdicts(.star).map(\.other) == [0, 2])
  }

  @Test("what is linked to an evaluation set by other images alone goes, too")
  func chain() throws {
    // Colours on a circle, 15 degrees apart (a cosine of 0.966), and one far from them.
    for degrees in [15, 30, 60] {
      let angle = Double(degrees) * .pi / 180
      try test.add(
        .coloured(128 + Int(100 * cos(angle)), 128 + Int(100 * sin(angle)), 128, seed: degrees),
        "\(degrees).png")
    }
    test.folder.write(encodePNG(.coloured(228, 128, 128, seed: 1)), to: "reference/0.png")
    let catalogue = try test.curate(
      features + "decontaminate:\n  sets: [reference]\n  threshold: 0.95\n")
    #expect(try test.kept(catalogue) == ["60.png"])
    #expect(try test.verdict(catalogue, "30.png")?.other == "15.png")
  }

  @Test("what is like an evaluation set goes, with all that is linked to it")
  func contamination() throws {
    try addColours()
    try test.add(.coloured(60, 60, 200, seed: 90), "blue.png")
    test.folder.write(
      encodePNG(.coloured(200, 64, 60, seed: 50)), to: "reference/0.png")
    let catalogue = try test.curate(
      features + "decontaminate:\n  sets: [reference]\n  threshold: 0.95\n")
    let kept = try test.kept(catalogue)
    #expect(kept.count == 9 && !kept.contains { $0.hasPrefix("red") }, "\(kept)")
    let verdict = try test.verdict(catalogue, "red/2.png")
    #expect(verdict?.rule == "decontaminate.features" && verdict?.other == "0.png")
    // Another set is another result, without a change of the plan.
    test.folder.write(
      encodePNG(.coloured(60, 200, 64, seed: 51)), to: "reference/1.png")
    let more = try test.curate(
      features + "decontaminate:\n  sets: [reference]\n  threshold: 0.95\n")
    #expect(try test.kept(more) == ["blue.png"])
  }

  @Test("examples bring in their nearest images, or the clusters that enough of them fall into")
  func retrieval() throws {
    try addColours()
    for number in 0..<4 {
      test.folder.write(
        encodePNG(.coloured(200, 62, 60, seed: 60 + number)), to: "examples/\(number).png")
    }
    let nearest = try test.curate(features + "retrieve:\n  queries: [examples]\n  neighbours: 2\n")
    let kept = try test.kept(nearest)
    #expect(kept.count >= 2 && kept.allSatisfy { $0.hasPrefix("red") }, "\(kept)")
    #expect(try nearest.origins().count == 8)
    #expect(try test.verdict(nearest, "green/1.png")?.rule == "retrieve.not retrieved")

    let clusters = "retrieve:\n  queries: [examples]\n  neighbours: 0\n  clusters: 2\n"
    let all = try test.kept(test.curate(features + clusters))
    #expect(all.count == 8 && all.allSatisfy { $0.hasPrefix("red") })
    let some = try test.kept(test.curate(features + clusters + "  per_cluster: 3\n"))
    #expect(some.count == 3 && Set(some).isSubset(of: all))
    let most = try test.kept(test.curate(features + clusters + "  most: 5\n"))
    #expect(most.count == 5)
    #expect(throws: CatalogueError.self) {
      try test.curate(features + clusters + "  min_queries: 5\n")
    }
  }

  @Test("a balanced draw has the target's size and as many of each cluster as there are")
  func balance() throws {
    for number in 0..<12 {
      try test.add(.coloured(200, 60 + number, 60, seed: number), "red/\(number).png")
    }
    for number in 0..<4 {
      try test.add(.coloured(60, 200, 60 + number, seed: 20 + number), "green/\(number).png")
    }
    let catalogue = try test.curate(
      features + "balance:\n  clusters: [2]\n  target: 6\n")
    let kept = try test.kept(catalogue)
    #expect(kept.count == 6 && kept.count { $0.hasPrefix("green") } == 3, "\(kept)")
    let again = TestPool()
    again.embedding = ColourEmbedding()
    #expect(
      try test.verdict(catalogue, "red/0.png")?.rule ?? "balance.not drawn" == "balance.not drawn")
  }

  @Test("scores from a file drop what is above the largest one")
  func scores() throws {
    try addColours()
    test.folder.write("file,score\nred/1.png,0.9\nred/2.png,0.4\nmissing.png,1\n", to: "scores.csv")
    let plan = "filter:\n  scores: scores.csv\nduplicates:\n  parts: false\n"
    let catalogue = try test.curate(plan, until: .filter)
    #expect(try test.verdict(catalogue, "red/1.png")?.rule == "filter.max_score")
    #expect(try test.verdict(catalogue, "red/2.png") == nil)
    #expect(test.observer.notices.contains { $0.contains("1 of 3 files are not in the pool") })
    test.folder.write("file,score\nred/1.png,high\n", to: "scores.csv")
    #expect(throws: (any Error).self) { try test.curate(plan, until: .filter) }
  }
}
