import Support

/// Where notices go: a line `NAME KIND TARGET` of the file `notify` in the configuration folder.
///
/// Addresses of webhooks are secrets, so they are in a file that only its owner may read, and a recipe
/// names them alone.
package struct Destination: Sendable, Equatable {
  /// How a notice is delivered.
  package enum Kind: String, Sendable, CaseIterable {
    /// POST of a JSON object.
    case json
    /// POST to a topic of ntfy, to Slack or to Discord.
    case ntfy, slack, discord
    /// Mail through the system's `sendmail`.
    case mail
    /// A command of the shell, which finds the JSON object in its input.
    case command
  }

  /// The name by which recipes call it.
  package let name: String
  package let kind: Kind
  /// An address of the web, an address of mail, or a command.
  package let target: String

  package init(name: String, kind: Kind, target: String) {
    (self.name, self.kind, self.target) = (name, kind, target)
  }

  /// The path of the file.
  package static var file: String { ConfigFolder.path + "/notify" }

  /// Reads a file; without one there are no destinations. Throws if others may read it, or if a line
  /// cannot be understood.
  package static func read(_ file: String = Self.file) throws -> [Destination] {
    guard let status = try FileSystem.status(file) else { return [] }
    guard status.permissions & 0o077 == 0 else {
      throw FileError(
        file: file, what: "may be read by others, and has addresses that are secrets",
        remedy: "run: chmod 600 \(file)")
    }
    var all: [Destination] = []
    for (number, words) in try ConfigFolder.lines(of: file) {
      func wrong(_ what: String) -> FileError {
        FileError(file: "\(file):\(number)", what: what, remedy: "correct or remove the line")
      }
      guard words.count >= 3 else { throw wrong("is not NAME KIND TARGET") }
      guard let kind = Kind(rawValue: words[1]) else {
        let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw wrong("'\(PrintableText.line(words[1], limit: 40))' is no kind; there are \(kinds)")
      }
      guard !all.contains(where: { $0.name == words[0] }) else {
        throw wrong("there are two lines for \(words[0])")
      }
      let target = words[2...].joined(separator: " ")
      guard kind.accepts(target) else { throw wrong("\(kind.needs), not '\(target)'") }
      all.append(Destination(name: words[0], kind: kind, target: target))
    }
    return all
  }
}

extension Destination.Kind {
  /// Whether it is an address of the web to which a notice is posted.
  package var isWebhook: Bool { ![.mail, .command].contains(self) }

  fileprivate func accepts(_ target: String) -> Bool {
    switch self {
    case .command: true
    case .mail: target.contains("@") && !target.contains(" ") && !target.hasPrefix("-")
    default:
      (target.hasPrefix("https://") || target.hasPrefix("http://")) && !target.contains(" ")
    }
  }

  fileprivate var needs: String {
    self == .mail ? "mail needs an address" : "\(rawValue) needs an address of the web"
  }
}
