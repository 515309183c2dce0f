import Store
import Support
import TensorFiles

/// One of the networks in a file or checkpoint.
package enum NetworkPart: String, Sendable, CaseIterable {
  case teacher, student
  /// The moving average (EMA) of a student in a distillation.
  case average
}

/// The location of a backbone in a file: the prefix of its tensors' names.
struct BackboneLocation: Equatable {
  let prefix: String
  let isHuggingFace: Bool

  private static let name = "cls_token"
  private static let huggingFaceName = "embeddings.cls_token"

  /// Finds the backbone of the network `which`; of the teacher, if it is `nil` and there are
  /// several.
  static func find(in file: any TensorFile, which: NetworkPart?) throws(FileError)
    -> BackboneLocation
  {
    var found: [BackboneLocation] = []
    for case let place? in file.stored.lazy.map({ BackboneLocation(WrappedName.unwrapped($0.name)) }
    )
    where !found.contains(place) {
      found.append(place)
    }
    let wanted = (which ?? .teacher).rawValue
    // `teacher.backbone`, and also `teacher_backbone`.
    let chosen = found.filter {
      $0.prefix.split(separator: ".").contains { $0 == wanted || $0.hasPrefix(wanted + "_") }
    }
    if found.count == 1, which == nil || chosen.count == 1 || found[0].isUnnamed { return found[0] }
    if chosen.count == 1 { return chosen[0] }
    throw FileError(
      file: file.path, what: problem(found, of: file, wanted: which),
      remedy:
        "give the weights of one backbone of DINOv2 or DINOv3, from the official code, Hugging "
        + "Face, timm or Dino")
  }

  /// Whether the prefix names no network.
  private var isUnnamed: Bool {
    !prefix.split(separator: ".").contains { NetworkPart(rawValue: String($0)) != nil }
  }

  private init?(_ name: String) {
    for (ending, isHuggingFace) in [(Self.huggingFaceName, true), (Self.name, false)]
    where name == ending || name.hasSuffix("." + ending) {
      prefix = String(name.dropLast(ending.count))
      self.isHuggingFace = isHuggingFace
      return
    }
    return nil
  }

  private static func problem(
    _ found: [BackboneLocation], of file: any TensorFile, wanted: NetworkPart?
  ) -> String {
    if found.isEmpty {
      let others = file.unreadable.min { $0.key < $1.key }.map {
        ", and \(shown($0.key)) is \($0.value)"
      }
      return "has no cls_token among its \(Format.count(file.stored.count, "tensor"))"
        + (others ?? "")
    }
    let places = found.prefix(4).map { shown($0.prefix) }.joined(separator: ", ")
    if let wanted { return "has no single \(wanted.rawValue) (backbones under \(places))" }
    return "has \(found.count) backbones, under \(places)"
  }
}

/// The tensors of a backbone by their names within it, without the numbers of block chunks.
struct BackboneNames {
  private(set) var tensors: [String: StoredTensor] = [:]
  /// The largest extent accepted. No real tensor exceeds it, and a product of two fits an `Int`.
  private static let longest = 1 << 30
  /// The numbers of the blocks, as written in the names.
  private(set) var blocks: Set<String> = []
  /// Whether blocks are grouped, as only the official code does.
  private var hasChunks = false
  /// Whether the names stand within a network of the official code, next to its heads.
  private let isPart: Bool

  init(_ file: any TensorFile, prefix: String) throws(FileError) {
    isPart = prefix.hasSuffix("backbone.")
    for (name, what) in file.unreadable.sorted(by: { $0.key < $1.key })
    where WrappedName.unwrapped(name).hasPrefix(prefix) && prefix.count < name.count {
      throw FileError(
        file: file.path, what: "\(shown(name)) is \(what), which is not read",
        remedy: "save all weights as plain tensors on the processor")
    }
    for tensor in file.stored {
      let whole = WrappedName.unwrapped(tensor.name)
      guard whole.hasPrefix(prefix) else { continue }
      guard tensor.shape.allSatisfy({ $0 <= Self.longest }) else {
        throw FileError(
          file: file.path, what: "tensor \(shown(tensor.name)) has the shape \(tensor.shape)",
          remedy: "it cannot be part of a backbone")
      }
      let (name, block) = Self.removingChunk(String(whole.dropFirst(prefix.count)))
      hasChunks = hasChunks || name != whole.dropFirst(prefix.count)
      if let twin = tensors.updateValue(tensor, forKey: name) {
        throw FileError(
          file: file.path,
          what: "tensors \(shown(twin.name)) and \(shown(tensor.name)) have the same meaning",
          remedy: "write the file again with one of them")
      }
      if let block { blocks.insert(block) }
    }
  }

  /// Removes the chunk from a name and returns the block's number: `blocks.1.11.norm1.weight`
  /// (block 11, in the second chunk) becomes `blocks.11.norm1.weight`.
  private static func removingChunk(_ name: String) -> (name: String, block: String?) {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let list = parts.firstIndex(where: { $0 == "blocks" || $0 == "layer" }),
      list + 1 < parts.count, isNumber(parts[list + 1])
    else { return (name, nil) }
    // transformers 5 has an encoder of the name `model` around DINOv3's layers.
    if list == 1, parts[0] == "model", parts[1] == "layer" {
      return (parts.dropFirst().joined(separator: "."), String(parts[2]))
    }
    if parts[list] == "blocks", list + 2 < parts.count, isNumber(parts[list + 2]) {
      parts.remove(at: list + 1)
    }
    return (parts.joined(separator: "."), String(parts[list + 1]))
  }

  private static func isNumber(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.count <= 4 && text.utf8.allSatisfy { (48...57).contains($0) }
  }

  /// The width of a token, or 0 if there is no CLS token.
  var width: Int {
    (tensors["cls_token"] ?? tensors["embeddings.cls_token"])?.shape.last ?? 0
  }

  var hasRegisters: Bool {
    ["register_tokens", "reg_token", "embeddings.register_tokens", "storage_tokens"].contains {
      tensors[$0] != nil
    }
  }

  /// The layout that the names belong to.
  ///
  /// - Parameters:
  ///   - isHuggingFace: whether the CLS token has Hugging Face's name.
  ///   - isTimm: whether a configuration says that timm wrote the weights.
  func layout(isHuggingFace: Bool, isTimm stated: Bool) -> WeightLayout {
    if isHuggingFace {
      return tensors["layer.0.norm1.weight"] == nil ? .huggingface : .huggingfaceDINOv3
    }
    let marks = [WeightLayout.periods, "storage_tokens"]
    if marks.contains(where: { tensors[$0] != nil }) { return .dinov3 }
    return isTimm(stated: stated) ? .timm : .official
  }

  /// Whether the names are timm's rather than the official code's. The two are similar, but timm
  /// has no mask token, which a file of the official code may lack too. Then another mark of the
  /// official code decides: chunks of blocks, its names of SwiGLU, or the heads' place beside the
  /// backbone.
  ///
  /// - Parameter stated: whether a configuration says that timm wrote the weights.
  func isTimm(stated: Bool) -> Bool {
    if tensors["reg_token"] != nil { return true }
    if tensors["mask_token"] != nil || tensors["register_tokens"] != nil { return false }
    return stated || !(hasChunks || isPart || tensors[Self.gatedName] != nil)
  }

  private static let gatedName = "blocks.0.mlp.w12.weight"
  /// The first weights of SwiGLU in each layout that names them differently from an MLP's.
  private static let gatedNames = [
    gatedName, "encoder.layer.0.mlp.weights_in.weight", "blocks.0.mlp.w1.weight",
    "layer.0.mlp.gate_proj.weight",
  ]

  /// Whether the feed-forward layers are SwiGLU. timm gives them the names of an MLP, but the first
  /// layer is twice as wide.
  func isGated(isTimm: Bool) -> Bool {
    if Self.gatedNames.contains(where: { tensors[$0] != nil }) { return true }
    guard isTimm, let rows = tensors["blocks.0.mlp.fc1.weight"]?.shape.first,
      let columns = tensors["blocks.0.mlp.fc2.weight"]?.shape.last
    else { return false }
    return rows == 2 * columns
  }
}
