import Support

/// What became of the images of a pool so far.
package struct CurationStatus: Sendable, Encodable {
  /// A stage.
  package struct Stage: Sendable, Encodable {
    package let name: String
    /// Whether it was carried out.
    package let isDone: Bool
    /// Whether that was by other keys than the plan has now, or a stage before it is stale. Running the
    /// plan carries it out again.
    package let isStale: Bool
    package let seconds: Double
    /// The images that are left after it.
    package let kept: Int
    /// How many each rule dropped.
    package let dropped: [String: Int]
  }

  package let pool: String
  package let folder: String
  package let images: Int
  package let damaged: Int
  package let stages: [Stage]

  /// Reads a catalogue.
  package init(_ pool: Pool, _ catalogue: Catalogue, _ plan: CurationPlan) throws {
    self.pool = pool.name
    folder = pool.path
    images = try catalogue.count(keptAfter: nil)
    damaged = try catalogue.count("SELECT count(*) FROM images WHERE problem IS NOT NULL")
    let dropped = try catalogue.dropped()
    var isStale = false
    stages = try plan.stages(until: .apply).map { name in
      let record = try catalogue.stage(name)
      let rules = dropped.filter { $0.stage == name }
      if let record, record.output != nil, record.keys != plan.text(of: name.rawValue) {
        isStale = true
      }
      return Stage(
        name: name.rawValue, isDone: record?.output != nil, isStale: isStale,
        seconds: record?.seconds ?? 0,
        kept: try catalogue.count(keptAfter: name),
        dropped: Dictionary(uniqueKeysWithValues: rules.map { ($0.rule, $0.count) }))
    }
  }

  private enum CodingKeys: String, CodingKey {
    case pool, folder, images, damaged, stages
  }
}

extension CurationStatus.Stage {
  private enum CodingKeys: String, CodingKey {
    case name
    case isDone = "is_done"
    case isStale = "is_stale"
    case seconds, kept, dropped
  }
}

extension Catalogue {
  /// Returns the images whose path ends in a given one, at most `most`.
  package func images(endingIn path: String, most: Int) throws(CatalogueError) -> [CatalogueImage] {
    let all = try database.prepare("SELECT id, file FROM images ORDER BY id")
    let wanted = ByteText.bytes(path)
    var found: [CatalogueImage] = []
    while try all.step(), found.count < most {
      let file = ByteText.bytes(all.text(1))
      guard
        file == wanted || file.reversed().starts(with: (ByteText.bytes("/") + wanted).reversed())
          || wanted.reversed().starts(with: (ByteText.bytes("/") + file).reversed()),
        let image = try image(all.integer(0))
      else { continue }
      found.append(image)
    }
    return found
  }

  /// Returns the path of an image: its source's and its own.
  package func path(of image: CatalogueImage) throws(CatalogueError) -> String {
    guard image.file.utf8.first != UInt8(ascii: "/"), let source = try source(image.source) else {
      return image.file
    }
    let isFile = FileSystem.isFile(source.path)
    return (isFile ? FilePath.parent(of: source.path) : source.path) + "/" + image.file
  }
}
