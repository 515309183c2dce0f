import Run
import Support
import Wire

/// Who may connect to this machine's gate, and as what: the file `authorized-keys` of the
/// configuration folder, a line `ROLE KEY NAME` for each key.
package struct AuthorizedKeys: Equatable, Sendable {
  /// A key and what its owner may do.
  package struct Entry: Equatable, Sendable {
    /// The name under which the key's owner appears in journals.
    package let name: String
    package let role: ClientRole
    package let key: CurveKey
  }

  /// The entries in the order of the file.
  package private(set) var entries: [Entry] = []

  /// The path of the file that `dino keys` and `dino serve` use.
  package static var file: String { ConfigFolder.path + "/authorized-keys" }

  package init() {}

  /// Reads a file. Without one, nobody may connect. Throws if a line cannot be understood.
  package static func read(_ file: String = Self.file) throws -> AuthorizedKeys {
    var keys = AuthorizedKeys()
    for (number, words) in try ConfigFolder.lines(of: file) {
      do throws(KeyError) {
        guard words.count == 3 else {
          throw KeyError("has \(words.count) words, not ROLE KEY NAME")
        }
        try keys.grant(name: words[2], role: words[0], key: words[1])
      } catch {
        throw FileError(
          file: "\(file):\(number)", what: error.description,
          remedy: "correct or remove the line; until then nobody can connect")
      }
    }
    return keys
  }

  /// Writes a file, readable by its owner alone. Its folder must exist.
  package func write(_ file: String = Self.file) throws {
    let lines = entries.map { "\($0.role) \($0.key) \($0.name)\n" }
    let head = "# Who may connect to this machine's runs through dino serve: ROLE KEY NAME.\n"
    try WholeFile.write(head + lines.joined(), to: file, mode: 0o600)
  }

  /// Lets a key in, or changes its role. A name has one key, and a key one name.
  package mutating func grant(
    name: String, role: String, key: String
  ) throws(KeyError) {
    guard let role = ClientRole(rawValue: role) else {
      let roles = ClientRole.allCases.map(\.rawValue).joined(separator: ", ")
      throw KeyError("'\(PrintableText.line(role, limit: 40))' is no role; there are \(roles)")
    }
    guard let key = CurveKey(key) else {
      throw KeyError(
        "'\(PrintableText.line(key, limit: 80))' is no public key, which has 64 hexadecimal digits")
    }
    try ShortName.check(name)
    guard !JournalEntry.reservedClients.contains(name) else {
      throw KeyError("the name \(name) is Dino's own in the journal; choose another")
    }
    if let other = entries.first(where: { $0.key == key && $0.name != name }) {
      throw KeyError("that key is \(other.name)'s already")
    }
    if let other = entries.first(where: { $0.name == name && $0.key != key }) {
      throw KeyError("\(name) has another key, \(other.key); revoke it first")
    }
    entries.removeAll { $0.name == name }
    entries.append(Entry(name: name, role: role, key: key))
  }

  /// Removes a key by its owner's name. Returns whether there was one.
  package mutating func revoke(_ name: String) -> Bool {
    let before = entries.count
    entries.removeAll { $0.name == name }
    return entries.count < before
  }

  /// Returns the entry of a key; `nil` if it may not connect.
  package subscript(key: CurveKey) -> Entry? { entries.first { $0.key == key } }

  /// Returns the entry of a name; `nil` if there is none.
  package subscript(name name: String) -> Entry? { entries.first { $0.name == name } }
}

/// The names of keys and hosts.
enum ShortName {
  private static let limit = 64

  /// Checks that a name can stand in a file of words, before a colon and in a journal.
  static func check(_ name: String) throws(KeyError) {
    let isPlain = name.utf8.allSatisfy { byte in
      let character = Character(UnicodeScalar(byte))
      return byte < 128
        && (character.isLetter || character.isNumber || "-_.+".contains(character))
    }
    guard isPlain, !name.hasPrefix("-"), (1...limit).contains(name.count) else {
      throw KeyError(
        "'\(PrintableText.line(name, limit: 80))' is no name; it has 1 to \(limit) letters, "
          + "digits and -_.+")
    }
  }
}

/// Why a key cannot be let in.
package struct KeyError: Error, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}
