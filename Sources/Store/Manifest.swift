import FoundationEssentials
import Support

/// The list of a checkpoint's files with their checksums. It is written last, so a folder is a
/// checkpoint only once it has a manifest.
package struct Manifest: Codable, Sendable, Equatable {
  /// The newest version of the checkpoint format, in which a file may have several parts. A checkpoint
  /// without such files is of version 1.
  package static let currentFormat = 2
  static let fileName = "manifest.json"

  /// The version of the checkpoint's format.
  package let format: Int
  /// The name and version of the program that wrote the checkpoint.
  package let program: String
  /// The number of training steps done.
  package let step: Int
  /// The time of writing, in seconds since 1970.
  package let time: Double
  /// The name that a user gave the checkpoint, or `nil`. Named checkpoints are never pruned.
  package let name: String?
  /// Other values that belong to the run's state.
  package let info: [String: String]
  /// Whether the step after this checkpoint was sound, as far as is known. Of the values here it is
  /// the only one that changes; a manifest without it means no.
  package var isSound: Bool { sound ?? false }
  private var sound: Bool?
  /// All files of the checkpoint except the manifest.
  package let files: [FileRecord]
  /// The checksum of the manifest's text, computed with zeros for these digits.
  private var manifestChecksum = Self.zeros

  private enum CodingKeys: String, CodingKey {
    case format, program, step, time, name, info, sound, files
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
    format = files.contains { $0.parts.count > 1 } ? Self.currentFormat : 1
  }

  /// Returns the manifest of the same checkpoint, once it is known to be sound.
  var markedSound: Manifest {
    var manifest = self
    manifest.sound = true
    return manifest
  }

  /// The manifest as JSON, with its own checksum filled in.
  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Encoding fails only for numbers that are not finite, and the clock returns none.
    let open = String(decoding: try! encoder.encode(self), as: UTF8.self) + "\n"
    return open.replacing(Self.seal(Self.zeros), with: Self.seal(Checksum.text(of: open)))
  }

  /// Reads and checks the manifest in a folder.
  init(readingFrom folder: String) throws(FileError) {
    let path = folder + "/" + Self.fileName
    let remedy = "use an older checkpoint"
    guard try FileSystem.status(path) != nil else {
      throw FileError(
        file: folder, what: "has no \(Self.fileName)", remedy: remedy, cause: .damage)
    }
    let text = try FileInput.text(of: path, limit: 64 << 20)
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
    } catch {
      throw FileError(file: path, what: "is not a manifest", remedy: remedy, cause: .damage)
    }
    guard format <= Self.currentFormat else {
      throw FileError(
        file: path, what: "is of format \(format), written by the newer \(program)",
        remedy: "update this program or use an older checkpoint")
    }
    let open = text.replacing(Self.seal(manifestChecksum), with: Self.seal(Self.zeros))
    guard Checksum.text(of: open) == manifestChecksum else {
      throw FileError(
        file: path, what: "does not match its own checksum", remedy: remedy, cause: .damage)
    }
    manifestChecksum = Self.zeros
  }

  /// The checksum's member as it appears in the text. It cannot occur within a JSON string.
  private static func seal(_ checksum: String) -> String {
    "\"\(CodingKeys.manifestChecksum.rawValue)\" : \"\(checksum)\""
  }
}
