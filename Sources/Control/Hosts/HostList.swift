import Support
import Wire

/// Another machine whose runs can be seen and steered from here.
package struct Host: Sendable, Equatable {
  /// The name by which commands call it.
  package let name: String
  package let address: GateAddress
  /// The public key of its gate.
  package let key: CurveKey

  /// Returns the endpoints of one of its runs, or of the gate itself, for a machine with its own keys.
  package func endpoints(run: String?, own: CurveKeyPair) -> RunEndpoints {
    RunEndpoints(
      feed: address.feed, control: address.control, run: run,
      keys: CurveClient(own: own, server: key))
  }
}

/// The machines that commands know by name: the file `hosts` of the configuration folder, a line
/// `NAME ADDRESS KEY` for each.
package struct HostList: Sendable, Equatable {
  package private(set) var hosts: [Host] = []

  /// The path of the file that commands use.
  package static var file: String { ConfigFolder.path + "/hosts" }

  package init() {}

  /// Reads a file; without one there are no hosts. Throws if a line cannot be understood.
  package static func read(_ file: String = Self.file) throws -> HostList {
    var list = HostList()
    for (number, words) in try ConfigFolder.lines(of: file) {
      do throws(KeyError) {
        guard words.count == 3 else {
          throw KeyError("has \(words.count) words, not NAME ADDRESS KEY")
        }
        try list.add(name: words[0], address: words[1], key: words[2])
      } catch {
        throw FileError(
          file: "\(file):\(number)", what: error.description, remedy: "correct or remove the line")
      }
    }
    return list
  }

  /// Writes a file. Its folder must exist.
  package func write(_ file: String = Self.file) throws {
    let lines = hosts.map { "\($0.name) \($0.address) \($0.key)\n" }
    let head = "# Machines whose runs dino shows and steers: NAME ADDRESS KEY.\n"
    try WholeFile.write(head + lines.joined(), to: file, mode: 0o600)
  }

  /// Adds a host, or replaces the one of that name.
  package mutating func add(name: String, address: String, key: String) throws(KeyError) {
    try ShortName.check(name)
    guard let place = GateAddress(address), place.host != "*" else {
      throw KeyError(
        "'\(PrintableText.line(address, limit: 80))' is no address; write tcp://HOST:PORT")
    }
    guard let key = CurveKey(key) else {
      throw KeyError(
        "'\(PrintableText.line(key, limit: 80))' is no public key, which has 64 hexadecimal digits;"
          + " dino keys on \(name) shows it")
    }
    let host = Host(name: name, address: place, key: key)
    if let index = hosts.firstIndex(where: { $0.name == name }) {
      hosts[index] = host
    } else {
      hosts.append(host)
    }
  }

  /// Removes a host. Returns whether there was one.
  package mutating func remove(_ name: String) -> Bool {
    let before = hosts.count
    hosts.removeAll { $0.name == name }
    return hosts.count < before
  }

  /// Returns the host of a name; `nil` if there is none.
  package subscript(name name: String) -> Host? { hosts.first { $0.name == name } }
}
