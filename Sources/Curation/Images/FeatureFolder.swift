import Store
import Support

/// The features of images by their numbers, in files of some thousand rows.
///
/// A file is there whole or not at all, so that a computation that was interrupted goes on with the
/// images that are in none. Features are scaled to length 1.
struct FeatureFolder {
  private let path: String
  private let width: Int
  private(set) var rows: [Int: (file: Int, row: Int)] = [:]
  private var files: [String] = []

  /// Opens the files of a folder, which need not exist.
  init(path: String, width: Int) throws(FileError) {
    (self.path, self.width) = (path, width)
    guard try FileSystem.status(path) != nil else { return }
    let names = try FileSystem.names(in: path).filter { $0.hasSuffix(".safetensors") }
    for name in names.sorted(by: FilePath.precedes) { try open(path + "/" + name) }
  }

  private mutating func open(_ name: String) throws(FileError) {
    let file = try SafetensorsFile(path: name)
    let ids = try file.int64s("ids")
    guard try file.tensor("features").shape == [ids.count, width] else {
      throw FileError(
        file: name, what: "has features of another size than \(width)",
        remedy: "remove the folder of this file and run again", cause: .damage)
    }
    for (row, id) in ids.enumerated() { rows[Int(id)] = (files.count, row) }
    files.append(name)
  }

  /// Whether the features of an image are there.
  func has(_ id: Int) -> Bool { rows[id] != nil }

  /// Adds a file with the features of images, [ids, width].
  mutating func add(_ ids: [Int], _ features: [Float]) throws(FileError) {
    guard !ids.isEmpty else { return }
    try FileSystem.makeFolder(path)
    let digits = String(files.count)
    let name = path + "/" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    try SafetensorsWriter.write(
      [
        .int64s("ids", [ids.count], ids.map(Int64.init)),
        .floats("features", [ids.count, width], Self.normalised(features, width)),
      ], to: name + ".safetensors")
    for (row, id) in ids.enumerated() { rows[id] = (files.count, row) }
    files.append(name + ".safetensors")
  }

  private static func normalised(_ features: [Float], _ width: Int) -> [Float] {
    var features = features
    for start in stride(from: 0, to: features.count, by: width) {
      let square = features[start..<start + width].reduce(0) { $0 + $1 * $1 }
      guard square > 0, square.isFinite else { continue }
      let scale = 1 / square.squareRoot()
      for at in start..<start + width { features[at] *= scale }
    }
    return features
  }

  /// Returns the features of images, all of which are there, one after the other.
  func features(of ids: [Int]) throws(FileError) -> [Float] {
    var result = [Float](repeating: 0, count: ids.count * width)
    var wanted = [[(place: Int, row: Int)]](repeating: [], count: files.count)
    for (place, id) in ids.enumerated() {
      let (file, row) = rows[id]!
      wanted[file].append((place, row))
    }
    for (file, places) in wanted.enumerated() where !places.isEmpty {
      let values = try SafetensorsFile(path: files[file]).floats("features")
      for (place, row) in places {
        result.replaceSubrange(
          place * width..<(place + 1) * width, with: values[row * width..<(row + 1) * width])
      }
    }
    return result
  }
}
