import FoundationEssentials
import Support

/// What a checkpoint holds, and the proof that it is whole: a checkpoint exists once its manifest
/// does.
package struct Manifest: Codable, Sendable, Equatable {
  /// The version of the checkpoint's layout that this program writes, and the newest it reads.
  package static let currentFormat = 1
  static let fileName = "manifest.json"

  package private(set) var format = Self.currentFormat
  /// The program that wrote it, with its version.
  package let program: String
  /// Training steps done.
  package let step: Int
  /// When it was written, in seconds since 1970.
  package let time: Double
  /// The name that a person gave it, which keeps it from being pruned.
  package let name: String?
  /// Whatever else belongs to the state of a run.
  package let info: [String: String]
  /// All files but the manifest.
  package let files: [FileRecord]
  /// Checksum of the manifest's own text with zeros for the digits here.
  private var manifestChecksum = Self.zeros

  private enum CodingKeys: String, CodingKey {
    case format, program, step, time, name, info, files
    case manifestChecksum = "manifest_checksum"
  }

  private static let zeros = "xxh3-128:" + String(repeating: "0", count: 32)

  init(
    program: String, step: Int, time: Double, name: String?, info: [String: String],
    files: [FileRecord]
  ) {
    self.program = program
    self.step = step
    self.time = time
    self.name = name
    self.info = info
    self.files = files
  }

  /// The manifest as JSON, sealed with its own checksum.
  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Encoding fails on numbers that are not finite alone, and the clock gives none.
    let open = String(decoding: try! encoder.encode(self), as: UTF8.self) + "\n"
    return open.replacing(Self.seal(Self.zeros), with: Self.seal(Checksum.text(of: open)))
  }

  /// Reads and checks the manifest in a folder.
  init(readingFrom folder: String) throws(FileError) {
    let path = folder + "/" + Self.fileName
    let remedy = "take an older checkpoint"
    guard FileSystem.exists(path) else {
      throw FileError(file: folder, what: "has no \(Self.fileName)", remedy: remedy)
    }
    let text = try FileInput.text(of: path, limit: 64 << 20)
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
    } catch {
      throw FileError(file: path, what: "is not a manifest", remedy: remedy)
    }
    guard format <= Self.currentFormat else {
      throw FileError(
        file: path, what: "is of format \(format), written by the newer \(program)",
        remedy: "update this program or take an older checkpoint")
    }
    let open = text.replacing(Self.seal(manifestChecksum), with: Self.seal(Self.zeros))
    guard Checksum.text(of: open) == manifestChecksum else {
      throw FileError(file: path, what: "does not match its own checksum", remedy: remedy)
    }
    manifestChecksum = Self.zeros
  }

  /// The checksum's entry as it stands in the text; it cannot stand within a JSON string.
  private static func seal(_ checksum: String) -> String {
    "\"\(CodingKeys.manifestChecksum.rawValue)\" : \"\(checksum)\""
  }
}
