import Crops
import Images
import Support
import TestSupport
import Testing

import Curation

@Suite("Damaged plans and records", .serialized)
struct MutationTests {
  private let folder = TemporaryFolder()

  private static let plan = """
    pool: {name: heap, seed: 3}
    crawl:
      sources: [urls.txt, pages]
      contact: mailto:someone@example.org
      denied_domains: [example.net]
      ports: [80, 443]
    index:
      sources: [/data/scans, "/data/more/shard-{000..099}.tar"]
    filter: {min_side: 64, max_aspect: 4.0, max_one_colour: 0.95}
    embed: {weights: /weights/model.safetensors, size: 224}
    probe: {positive: [bad], negative: [good], max_score: 0.5}
    duplicates: {hash_bits: 128, hash_distance: 6, link: star, thumbnails: true}
    decontaminate: {sets: [test], threshold: 0.45}
    retrieve: {queries: [examples], neighbours: 4}
    balance: {clusters: [1000, 100], target: 5000}
    apply: {form: links, to: result}

    """

  @Test("a damaged plan is read or refused")
  func plan() {
    let problems = Mutations.problems(
      "plan", [Array(Self.plan.utf8)], as: .text, megabytes: 32, accepted: 0.03...0.95
    ) { bytes, _ in
      _ = try CurationPlan.read(file: folder.overwrite("plan.yaml", with: bytes))
    }
    #expect(problems == [])
  }

  @Test("damaged parts of a picture are compared like sound ones, or are none")
  func parts() throws {
    let textures = EmbeddedSource(seed: 9, size: 128, count: 2)
    let (one, other) = (
      PictureParts(of: textures.image(0)), PictureParts(of: textures.image(0).framed(9, 99))
    )
    let path = folder.file("sound")
    try RecordFile<PictureParts>(path: path).put(one, of: 0)
    let problems = Mutations.problems(
      "parts", [bytes(of: path)], as: .bytes, megabytes: 32, accepted: 0.5...1
    ) { bytes, number in
      let file = try RecordFile<PictureParts>(path: folder.overwrite("damaged", with: bytes))
      guard let parts = try file.record(of: 0) else {
        throw FileError(file: "damaged", what: "no record", remedy: "none")
      }
      let score = parts.score(other)
      #expect(score >= 0 && score <= 1, "\(number): \(score)")
    }
    #expect(problems == [])
  }
}
