import SQL

/// An image of a pool.
package struct CatalogueImage: Sendable, Equatable {
  package let id: Int
  /// The number of its source.
  package let source: Int
  /// The path within the source.
  package let file: String
  package let bytes: Int?
  package let width: Int
  package let height: Int
  package let checksum: [UInt8]
  /// Bits of information in the grey values; blank pictures have few.
  package let entropy: Double
  /// The share of pixels of the most frequent colour.
  package let oneColour: Double
  /// The standard deviation of the Laplacian, of grey values up to 255.
  package let sharpness: Double
  /// The share of what is not ground that is lettering of one colour.
  package let text: Double
  /// Why it cannot be decoded; `nil` if it can.
  package let problem: String?

  package init(
    id: Int, source: Int, file: String, bytes: Int?, width: Int, height: Int, checksum: [UInt8],
    entropy: Double, oneColour: Double, sharpness: Double, text: Double = 0, problem: String?
  ) {
    self.id = id
    self.source = source
    self.file = file
    self.bytes = bytes
    self.width = width
    self.height = height
    self.checksum = checksum
    self.entropy = entropy
    self.oneColour = oneColour
    self.sharpness = sharpness
    self.text = text
    self.problem = problem
  }

  /// The number of pixels.
  package var pixels: Int { width * height }
}

/// What decoding an image tells.
struct ImageMeasures: Sendable {
  var width = 0
  var height = 0
  var checksum: [UInt8] = []
  var entropy = 0.0
  var oneColour = 0.0
  var sharpness = 0.0
  var text = 0.0
  var problem: String?
}

extension Catalogue {
  private static let columns =
    "id, source, file, bytes, width, height, checksum, entropy, one_colour, sharpness, text, problem"

  /// The condition of images of a role.
  private static func has(_ role: ImageRole) -> String {
    "source IN (SELECT id FROM sources WHERE role = '\(role.rawValue)')"
  }

  /// The condition of images of the pool that no stage up to a given one has dropped.
  private static func kept(after stage: StageName?) -> String {
    let names = (stage.map { $0.before + [$0] } ?? []).map { "'\($0.rawValue)'" }
    return "\(has(.pool)) AND NOT EXISTS (SELECT 1 FROM verdicts WHERE image = images.id "
      + "AND stage IN (\(names.joined(separator: ","))))"
  }

  /// Returns the images of the pool that no stage up to a given one has dropped, by number; with
  /// `nil`, all.
  package func images(keptAfter stage: StageName?) throws(CatalogueError) -> [CatalogueImage] {
    try images("WHERE \(Self.kept(after: stage)) ORDER BY id")
  }

  /// Returns the number of such images.
  package func count(keptAfter stage: StageName?) throws(CatalogueError) -> Int {
    try count("SELECT count(*) FROM images WHERE \(Self.kept(after: stage))")
  }

  /// Returns the images of a role that can be decoded, by number.
  package func images(_ role: ImageRole) throws(CatalogueError) -> [CatalogueImage] {
    try images("WHERE \(Self.has(role)) AND problem IS NULL ORDER BY id")
  }

  /// Returns an image; `nil` if there is none of that number.
  package func image(_ id: Int) throws(CatalogueError) -> CatalogueImage? {
    try images("WHERE id = \(id)").first
  }

  /// Returns what an image is for.
  package func role(of image: CatalogueImage) throws(CatalogueError) -> ImageRole? {
    try source(image.source)?.role
  }

  /// Returns the images that have not been measured, by number.
  package func unmeasured() throws(CatalogueError) -> [CatalogueImage] {
    try images("WHERE width IS NULL AND problem IS NULL ORDER BY id")
  }

  private func images(_ rest: String) throws(CatalogueError) -> [CatalogueImage] {
    let find = try database.prepare("SELECT \(Self.columns) FROM images \(rest)")
    var images: [CatalogueImage] = []
    while try find.step() {
      images.append(
        CatalogueImage(
          id: find.integer(0), source: find.integer(1), file: find.text(2),
          bytes: find.optional(3, find.integer), width: find.integer(4), height: find.integer(5),
          checksum: find.bytes(6), entropy: find.double(7), oneColour: find.double(8),
          sharpness: find.double(9), text: find.double(10),
          problem: find.optional(11, find.text)))
    }
    return images
  }

  /// Writes what was measured of images.
  func put(_ measured: [(id: Int, measures: ImageMeasures)]) throws(CatalogueError) {
    let put = try database.prepare(
      "UPDATE images SET width = ?, height = ?, checksum = ?, entropy = ?, one_colour = ?, "
        + "sharpness = ?, text = ?, problem = ? WHERE id = ?")
    for (id, measures) in measured {
      let isKnown = measures.problem == nil
      put.bind(isKnown ? measures.width : nil, at: 0)
      put.bind(isKnown ? measures.height : nil, at: 1)
      put.bind(measures.checksum, at: 2)
      put.bind(measures.entropy, at: 3)
      put.bind(measures.oneColour, at: 4)
      put.bind(measures.sharpness, at: 5)
      put.bind(measures.text, at: 6)
      put.bind(measures.problem, at: 7)
      put.bind(id, at: 8)
      try put.run()
    }
  }
}
