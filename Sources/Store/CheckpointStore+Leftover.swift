import Support

extension CheckpointStore {
  /// Returns the path of a step's temporary folder.
  func leftoverPath(_ step: Int, _ kind: Leftover.Kind) -> String {
    directory + "/" + Leftover(step: step, kind: kind).name
  }
}

/// A temporary folder next to the checkpoints that exists while one is written, replaced or
/// removed, such as `.000001000.partial`.
struct Leftover {
  enum Kind: String { case partial, replaced, removed }

  let step: Int
  let kind: Kind

  var name: String { ".\(CheckpointStore.folderName(step)).\(kind.rawValue)" }
}

extension Leftover {
  /// Parses a folder's name, which earlier versions ended with a process id. Returns `nil` if it is
  /// not the name of a leftover.
  init?(_ name: String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].isEmpty, let step = Int(parts[1]) else { return nil }
    let ending = parts[2].split(separator: "-")
    guard let first = ending.first, let kind = Kind(rawValue: String(first)), ending.count <= 2
    else { return nil }
    self.init(step: step, kind: kind)
    let process = ending.count == 2 ? "-" + ending[1] : ""
    guard name == self.name + process, ending.count == 1 || Int(ending[1]) != nil else {
      return nil
    }
  }
}
