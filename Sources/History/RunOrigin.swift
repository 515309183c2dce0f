import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

/// Which run a run came from, and at which of its steps: `origin.json` in the run's folder.
package struct RunOrigin: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable {
    /// Its students learn from the parent's teacher, frozen.
    case distillation
  }

  /// The parent's name, in the same folder of runs.
  package var parent: String
  package var step: Int
  package var kind: Kind

  package init(parent: String, step: Int, kind: Kind) {
    self.parent = parent
    self.step = step
    self.kind = kind
  }

  /// The origin of a run; nil where it has none, or none that can be read.
  package init?(of directory: RunDirectory) {
    guard let data = FileManager.default.contents(atPath: directory.origin),
      let origin = try? JSONDecoder().decode(Self.self, from: data)
    else { return nil }
    self = origin
  }

  /// Writes it down; a run's folder is there already.
  package func write(to directory: RunDirectory) throws(HistoryError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    do {
      try encoder.encode(self).write(to: URL(filePath: directory.origin), options: .atomic)
    } catch {
      throw .failed(path: directory.origin, detail: "cannot be written")
    }
  }
}
