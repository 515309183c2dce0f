/// A file's entry in a manifest.
package struct FileRecord: Sendable, Equatable {
  /// The file's name within its folder.
  package let name: String
  /// The file's size in bytes.
  package let size: Int
  /// What the file consists of, in order: one part, or several that were written apart.
  package let parts: [FilePart]

  /// Whether the name is that of a file directly in its folder.
  var isPlainName: Bool { !name.isEmpty && name != "." && name != ".." && !name.contains("/") }
}

/// A part of a file, with a checksum of its own.
package struct FilePart: Codable, Sendable, Equatable {
  /// The offset of its first byte.
  package let offset: Int
  /// The number of its bytes.
  package let size: Int
  /// `xxh3-128:` and 32 hexadecimal digits.
  package let checksum: String

  /// Whether parts follow one another from the first byte to the last of a file, each within it.
  static func cover(_ parts: [FilePart], size: Int) -> Bool {
    var end = 0
    for part in parts {
      guard part.offset == end, (0...size - end).contains(part.size) else { return false }
      end += part.size
    }
    return end == size
  }
}

/// In a manifest a file of one part has its checksum beside its size, as `xxhsum -H2` prints it.
extension FileRecord: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, size, checksum, parts
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    size = try values.decode(Int.self, forKey: .size)
    if let checksum = try values.decodeIfPresent(String.self, forKey: .checksum) {
      parts = [FilePart(offset: 0, size: size, checksum: checksum)]
    } else {
      parts = try values.decode([FilePart].self, forKey: .parts)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(name, forKey: .name)
    try values.encode(size, forKey: .size)
    if parts.count == 1 {
      try values.encode(parts[0].checksum, forKey: .checksum)
    } else {
      try values.encode(parts, forKey: .parts)
    }
  }
}
