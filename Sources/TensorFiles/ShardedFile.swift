import FoundationEssentials
import Store
import Support

/// Weights in several files, by the index that Hugging Face's libraries write beside them:
/// `model.safetensors.index.json` or `pytorch_model.bin.index.json`.
///
/// Source: `transformers.utils.hub.get_checkpoint_shard_files`.
package final class ShardedFile: TensorFile {
  private struct Index: Decodable { var weightMap: [String: String] }

  package let path: String
  package private(set) var stored: [StoredTensor] = []
  package private(set) var unreadable: [String: String] = [:]
  package private(set) var metadata: [String: String] = [:]
  /// The file of each tensor.
  private var places: [String: any TensorFile] = [:]

  /// The most files. The largest models have some two hundred.
  private static let mostFiles = 1000
  private static let largestIndex = 32 << 20

  /// Opens the files that the index at `path` names. Throws if one is missing, lies elsewhere, or
  /// lacks a tensor that the index says it has.
  ///
  /// - Parameter open: opens one of the files.
  init(
    index path: String, open: (String) throws(FileError) -> any TensorFile
  ) throws(FileError) {
    self.path = path
    let map = try Self.map(path)
    var files: [String: any TensorFile] = [:]
    for name in Set(map.values).sorted() {
      let shard = FilePath.parent(of: path) + "/" + name
      guard FileSystem.isFile(shard) else {
        throw FileError(
          file: path, what: "names the file \(shown(name)), which is not beside it",
          remedy: "fetch it from where the index came from")
      }
      files[name] = try open(shard)
    }
    for name in files.keys.sorted() {
      let file = files[name]!
      metadata.merge(file.metadata) { first, _ in first }
      unreadable.merge(file.unreadable) { first, _ in first }
      for tensor in file.stored {
        // Tensors that the index does not mention are read too, as transformers does.
        guard map[tensor.name] == name || map[tensor.name] == nil && places[tensor.name] == nil
        else { continue }
        stored.append(tensor)
        places[tensor.name] = file
      }
    }
    for (name, shard) in map.sorted(by: { $0.key < $1.key }) where places[name] == nil {
      guard unreadable[name] == nil else { continue }
      throw FileError(
        file: path, what: "says that \(shown(shard)) has the tensor \(shown(name)), which it lacks",
        remedy: "fetch the index and its files again")
    }
  }

  /// Reads the index: the file of each tensor.
  private static func map(_ path: String) throws(FileError) -> [String: String] {
    let text = try FileInput.text(of: path, limit: largestIndex)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let map = try? decoder.decode(Index.self, from: Data(text.utf8)).weightMap else {
      let start = text.prefix(60).split(whereSeparator: \.isNewline).first ?? ""
      throw FileError(
        file: path, what: "is JSON, not weights, and no index of them: \(shown(String(start)))",
        remedy: "download the file again; a server that refuses answers with such a text")
    }
    let names = Set(map.values)
    guard names.count <= mostFiles else {
      throw FileError(
        file: path, what: "names \(names.count) files; at most \(mostFiles) make sense",
        remedy: "check that it is an index of weights")
    }
    for name in names.sorted() {
      let parts = name.split(separator: "/", omittingEmptySubsequences: false)
      guard !parts.contains(where: { ["", ".", ".."].contains($0) }), !name.contains("\0"),
        !name.hasSuffix(".json")
      else {
        throw FileError(
          file: path, what: "names \(shown(name)), which is no file of weights in its folder",
          remedy: "put the files beside the index, and their bare names into it")
      }
    }
    return map
  }

  package func floats(_ name: String) throws(FileError) -> [Float] {
    guard let file = places[name] else {
      preconditionFailure("only names that are stored are asked for")
    }
    return try file.floats(name)
  }
}
