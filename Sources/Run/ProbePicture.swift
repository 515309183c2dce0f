import Support

/// A small picture at a step: of one of the probe's images or what the network makes of it, or of the crops of
/// an image of the batch.
package struct ProbePicture: Codable, Sendable, Equatable {
  /// What a picture shows.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// The image as the network is given it.
    case image
    /// The first three principal components of the patch features of all probe images, as red, green and
    /// blue: a pixel for each patch.
    case components
    /// How the CLS token attends to the image's patches in the last block: a pixel for each patch.
    case attention
    /// The images whose CLS features are nearest to those of the image, beside each other, the nearest first.
    case neighbours
    /// The images that are nearest to one of the prototypes that most images choose, beside each other, the
    /// nearest first.
    case prototypes
    /// The global crops of an image of the last batch as the student is given them, patches under the mask in
    /// one colour.
    case globalCrops = "global_crops"
    /// The local crops of that image.
    case localCrops = "local_crops"

    /// Whether only the last ones of a run are kept. Others can be followed over training.
    package var isLastOnly: Bool {
      switch self {
      case .neighbours, .prototypes, .globalCrops, .localCrops: true
      case .image, .components, .attention: false
      }
    }
  }

  package let step: Int
  /// The place of the image among those that are shown, or of the batch, from 0.
  package let number: Int
  package let kind: Kind
  package let width: Int
  package let height: Int
  /// [height, width, 3]
  package let pixels: [UInt8]

  package init(
    step: Int, number: Int, kind: Kind, width: Int, height: Int, pixels: [UInt8]
  ) {
    precondition(pixels.count == width * height * 3)
    (self.step, self.number, self.kind) = (step, number, kind)
    (self.width, self.height, self.pixels) = (width, height, pixels)
  }

  private enum CodingKeys: String, CodingKey { case step, number, kind, width, height, pixels }

  /// Reads a picture, whose pixels are text in base 64. Throws if their number is not that of its size.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    step = try fields.decode(Count.self, forKey: .step).wrappedValue
    number = try fields.decode(Count.self, forKey: .number).wrappedValue
    kind = try fields.decode(Kind.self, forKey: .kind)
    width = try fields.decode(Count.self, forKey: .width).wrappedValue
    height = try fields.decode(Count.self, forKey: .height).wrappedValue
    let text = try fields.decode(String.self, forKey: .pixels)
    pixels = Base64.decode(text) ?? []
    let sides = 1...Self.mostSide
    guard sides.contains(width), sides.contains(height), pixels.count == width * height * 3
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .pixels, in: fields, debugDescription: "not width · height · 3 bytes")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(step, forKey: .step)
    try fields.encode(number, forKey: .number)
    try fields.encode(kind, forKey: .kind)
    try fields.encode(width, forKey: .width)
    try fields.encode(height, forKey: .height)
    try fields.encode(Base64.encode(pixels), forKey: .pixels)
  }

  /// The most pixels of a side of an image, several of which may stand beside each other.
  package static let imageSide = 64
  /// The most pixels of a side.
  package static let mostSide = 320
}
