import Model
import Store
import Support

/// A size of a backbone that a file states.
struct Claim: Sendable, Equatable {
  /// The sizes that files state, and how each follows from the shape.
  enum Size: Sendable {
    case width, depth, heads, patch, channels, image, registers, gated
    /// The ratio of the hidden layer's width to the token's, as transformers and timm count it.
    case ratio, timmRatio, hidden
  }

  let size: Size
  let value: Double
  /// The file, and the key in it.
  let file: String
  let key: String

  /// Returns the size of a backbone, in the unit of the claim.
  private func actual(_ shape: BackboneShape) -> Double {
    let sizes: Int =
      switch size {
      case .width: shape.embedDim
      case .depth: shape.depth
      case .heads: shape.numHeads
      case .patch: shape.patchSize
      case .channels: shape.channels
      case .image: shape.grid * shape.patchSize
      case .registers: shape.registers
      case .gated: shape.isGated ? 1 : 0
      case .ratio, .hidden: shape.hiddenWidth
      case .timmRatio: shape.wideWidth
      }
    let isRatio = size == .ratio || size == .timmRatio
    return isRatio ? Double(sizes) / Double(shape.embedDim) : Double(sizes)
  }

  private func agrees(_ shape: BackboneShape) -> Bool {
    let hidden = value * Double(shape.embedDim)
    guard abs(hidden) < 1e9 else { return false }
    return switch size {
    // Both libraries cut the image into whole patches.
    case .image: value < 1e9 && Int(value) / shape.patchSize == shape.grid
    case .ratio where shape.isGated:
      (Int(hidden.rounded(.down) * 2 / 3) + 7) / 8 * 8 == shape.hiddenWidth
    case .ratio: Int(hidden) == shape.hiddenWidth
    case .timmRatio: Int(hidden) == shape.wideWidth
    default: value == actual(shape)
    }
  }

  /// Throws if one of several claims contradicts a backbone: both values are named.
  ///
  /// - Parameter owner: what has the backbone's sizes, for the message.
  static func check(
    _ claims: [Claim], _ shape: BackboneShape, of owner: String = "the weights"
  ) throws(FileError) {
    guard let claim = claims.first(where: { !$0.agrees(shape) }) else { return }
    let other = claims.first { $0.size == claim.size && $0.agrees(shape) }
    let actual = claim.shown(claim.actual(shape))
    throw FileError(
      file: claim.file,
      what: "says \(claim.key) \(claim.shown(claim.value)), but "
        + (other.map { "\(FilePath.name(of: $0.file)) says \($0.key) \($0.shown($0.value))" }
          ?? "\(owner) have \(actual)"),
      remedy: "keep each file with the weights that it was written for, or put the value right")
  }

  private func shown(_ value: Double) -> String {
    if size == .gated { return value == 1 ? "true" : "false" }
    return Int(exactly: value).map(String.init) ?? "\(value)"
  }
}
