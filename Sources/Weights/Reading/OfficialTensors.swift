import Store
import Support
import TensorFiles

/// The tensors of a file by their official names: `backbone.…`, `dino_head.…`, `ibot_head.…`.
///
/// Only names are read at first. Values are read on request.
struct OfficialTensors {
  /// An official tensor and the parts of the file that make it up, in order.
  struct Entry: Sendable {
    enum Piece: Sendable {
      case tensor(String)
      /// Some elements of a tensor.
      case part(String, Range<Int>)
      case zeros(Int)
    }

    let shape: [Int]
    let pieces: [Piece]
  }

  let file: any TensorFile
  let layout: WeightLayout
  let isGated: Bool
  let hasRegisters: Bool
  /// The prefix of the backbone's names in the file.
  let prefix: String
  private(set) var entries: [String: Entry] = [:]
  /// Names in the file that no official tensor uses, sorted.
  private(set) var leftOver: [String] = []

  /// Detects the layout of a file.
  ///
  /// - Parameters:
  ///   - which: the network to use if the file holds several.
  ///   - isTimm: whether a configuration says that timm wrote the weights.
  init(_ file: any TensorFile, which: NetworkPart?, isTimm: Bool) throws(FileError) {
    self.file = file
    let location = try BackboneLocation.find(in: file, which: which)
    prefix = location.prefix
    let names = try BackboneNames(file, prefix: prefix)
    let layout = names.layout(isHuggingFace: location.isHuggingFace, isTimm: isTimm)
    self.layout = layout
    isGated = names.isGated(isTimm: layout.name == WeightLayout.timm.name)
    hasRegisters = names.hasRegisters
    var used = addBackbone(names)
    used.formUnion(addHeads())
    leftOver = file.stored.map(\.name).filter { !used.contains($0) }.sorted()
  }

  /// Adds the tensors that match the layout's table. Returns the file's names that are used.
  private mutating func addBackbone(_ names: BackboneNames) -> Set<String> {
    var used: Set<String> = []
    for rule in layout.rules(isGated: isGated, hasRegisters: hasRegisters) {
      for block in rule.official.contains("#") ? names.blocks : [""] {
        let sources = rule.place.names.map { names.tensors[numbered($0, block)] }
        let found = sources.compactMap { $0 }
        guard found.count == sources.count else { continue }
        guard !found.isEmpty, let entry = Self.entry(rule.place, found, width: names.width) else {
          continue
        }
        entries["backbone." + numbered(rule.official, block)] = entry
        used.formUnion(found.map(\.name))
      }
    }
    return used
  }

  private static func entry(
    _ place: WeightLayout.Place, _ found: [StoredTensor], width: Int
  ) -> Entry? {
    let pieces = found.map { Entry.Piece.tensor($0.name) }
    let first = found[0].shape
    switch place {
    case .same, .withPosition: return Entry(shape: first, pieces: pieces)
    case .absent: return nil
    case .squeezed:
      return Entry(shape: first.first == 1 ? Array(first.dropFirst()) : first, pieces: pieces)
    case .withoutKeys:
      guard first.count == 1, found[1].shape == first else { return nil }
      return Entry(shape: [3 * first[0]], pieces: [pieces[0], .zeros(first[0]), pieces[1]])
    case .maskedKeys:
      guard first.count == 1, first[0] % 3 == 0 else { return Entry(shape: first, pieces: pieces) }
      let (name, each) = (found[0].name, first[0] / 3)
      return Entry(
        shape: first,
        pieces: [.part(name, 0..<each), .zeros(each), .part(name, 2 * each..<3 * each)])
    case .withoutFirst:
      var shape = first
      guard shape.count == 3, shape[0] == 1, shape[2] == width else {
        return Entry(shape: shape, pieces: pieces)
      }
      shape[1] += 1
      return Entry(shape: shape, pieces: [.zeros(width)] + pieces)
    case .rows:
      // Parts of different shapes cannot be joined. They are treated as missing.
      guard var shape = found.first?.shape, !shape.isEmpty,
        found.allSatisfy({ $0.shape == shape })
      else { return nil }
      shape[0] *= found.count
      return Entry(shape: shape, pieces: pieces)
    }
  }

  /// Adds the heads that accompany the backbone. Returns the file's names that are used.
  private mutating func addHeads() -> Set<String> {
    var used: Set<String> = []
    guard prefix.hasSuffix("backbone.") else { return used }
    let base = prefix.dropLast("backbone.".count)
    for tensor in file.stored {
      let whole = WrappedName.unwrapped(tensor.name)
      guard whole.hasPrefix(base) else { continue }
      let name = String(whole.dropFirst(base.count))
      guard name.hasPrefix("dino_head.") || name.hasPrefix("ibot_head.") else { continue }
      let official = name.replacing(Self.weightNormG, with: "last_layer.weight_g")
        .replacing(Self.weightNormV, with: "last_layer.weight_v")
      entries[official] = Entry(shape: tensor.shape, pieces: [.tensor(tensor.name)])
      used.insert(tensor.name)
    }
    return used
  }

  // The names of g and v in PyTorch's newer parametrised weight normalisation.
  private static let weightNormG = "last_layer.parametrizations.weight.original0"
  private static let weightNormV = "last_layer.parametrizations.weight.original1"
}

extension OfficialTensors {
  /// Reads a tensor's values. Throws if any is not finite.
  func floats(_ name: String) throws(FileError) -> [Float] {
    guard let entry = entries[name] else { preconditionFailure("\(name) was not found before") }
    var values: [Float] = []
    for piece in entry.pieces {
      switch piece {
      case .zeros(let count): values += repeatElement(0, count: count)
      case .tensor(let stored): values += try finite(stored)
      case .part(let stored, let range): values += try finite(stored)[range]
      }
    }
    return values
  }

  private func finite(_ stored: String) throws(FileError) -> [Float] {
    let values = try file.floats(stored)
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw FileError(
        file: file.path, what: "tensor \(shown(stored)) has \(values[index]) at element \(index)",
        remedy: "use weights from before the training failed")
    }
    return values
  }
}
