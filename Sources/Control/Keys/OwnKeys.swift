import Support
import Wire

/// The keys of this user on this machine. As a viewer of other machines' runs and as the gate to its
/// own, a machine has the same ones.
package enum OwnKeys {
  /// The file of the secret key, which only its owner may read.
  package static var file: String { ConfigFolder.path + "/secret-key" }

  /// Reads the keys of a file. Returns `nil` if none were made yet. Throws if the file is damaged or if others
  /// may read it.
  package static func read(_ file: String = Self.file) throws -> CurveKeyPair? {
    guard let status = try FileSystem.status(file) else { return nil }
    guard status.permissions & 0o077 == 0 else {
      throw FileError(
        file: file, what: "may be read by others", remedy: "run: chmod 600 \(file)")
    }
    let text = String(decoding: try WholeFile.read(file, limit: 4096), as: UTF8.self)
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 1, let secret = CurveKey(String(words[0])) else {
      throw FileError(
        file: file, what: "is not a key of 64 hexadecimal digits",
        remedy: "bring it back from a backup, or remove it and make another: dino keys new")
    }
    return try CurveKeyPair(secretKey: secret)
  }

  /// Makes keys and writes the file. It must not exist.
  package static func make() throws -> CurveKeyPair {
    let keys = try CurveKeyPair()
    try FileSystem.makeFolder(ConfigFolder.path, mode: 0o700)
    try WholeFile.write("\(keys.secretKey)\n", to: file, mode: 0o600)
    return keys
  }

  /// Returns the keys, which are made if there are none yet.
  package static func readOrMake() throws -> CurveKeyPair { try read() ?? make() }
}
