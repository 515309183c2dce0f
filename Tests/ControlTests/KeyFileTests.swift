import Control
import Run
import Support
import TestSupport
import Testing
import Wire

@Suite struct KeyFileTests {
  private let folder = TemporaryFolder()
  private static let key = String(repeating: "0123456789abcdef", count: 4)

  @Test("a key is read from its text and from bytes, and nothing else is a key")
  func text() throws {
    let key = try #require(CurveKey(Self.key))
    #expect("\(key)" == Self.key)
    #expect(CurveKey(bytes: key.bytes) == key)
    #expect(CurveKey(Self.key.uppercased()) == key)
    for text in ["", "0", Self.key + "0", String(Self.key.dropLast()) + "g", "é" + Self.key] {
      #expect(CurveKey(text) == nil, "\(text)")
    }
    let pair = try CurveKeyPair()
    #expect(try CurveKeyPair(secretKey: pair.secretKey) == pair)
    #expect(try CurveKeyPair() != pair)
  }

  @Test("a secret key that others may read is refused")
  func permissions() throws {
    let file = folder.write(Self.key + "\n", to: "secret-key")
    #expect(
      throws: FileError(
        file: file, what: "may be read by others", remedy: "run: chmod 600 \(file)")
    ) {
      try OwnKeys.read(file)
    }
    try WholeFile.write(Self.key, to: file, mode: 0o600)
    #expect(try OwnKeys.read(file)?.secretKey == CurveKey(Self.key))
    try WholeFile.write("abc", to: file, mode: 0o600)
    #expect(throws: FileError.self) { try OwnKeys.read(file) }
    #expect(try OwnKeys.read(folder.file("none")) == nil)
  }

  @Test("who may connect is kept in a file that people can edit")
  func authorized() throws {
    let other = String(repeating: "ab", count: 32)
    let file = folder.write(
      "# these\n\nviewer \(Self.key) anna   # the laptop\n\towner  \(other) bob\n", to: "keys")
    var keys = try AuthorizedKeys.read(file)
    #expect(keys.entries.map(\.name) == ["anna", "bob"])
    #expect(keys.entries.map(\.role) == [.viewer, .owner])
    #expect(keys[CurveKey(other)!]?.name == "bob")
    try keys.grant(name: "anna", role: "operator", key: Self.key)
    for isThere in [true, false] {
      let was = keys.revoke("bob")
      #expect(was == isThere)
    }
    try keys.write(file)
    #expect(try AuthorizedKeys.read(file) == keys)
    #expect(try FileSystem.status(file)?.permissions == 0o600)
    #expect(keys[name: "anna"]?.role == .operator)
  }

  @Test(
    "a line that cannot be understood is named, and lets nobody in",
    arguments: [
      ("viewer KEY", "has 2 words, not ROLE KEY NAME"),
      ("boss KEY anna", "'boss' is no role; there are viewer, operator, owner"),
      ("viewer 12 anna", "'12' is no public key, which has 64 hexadecimal digits"),
      ("viewer KEY recipe", "the name recipe is Dino's own in the journal; choose another"),
      ("viewer KEY a:b", "'a:b' is no name; it has 1 to 64 letters, digits and -_.+"),
      ("viewer KEY a\nviewer KEY b", "that key is a's already"),
    ])
  func badLine(_ text: String, _ what: String) throws {
    let file = folder.write(
      text.replacing("KEY", with: Self.key) + "\n", to: "keys")
    let line = text.split(separator: "\n").count
    do {
      _ = try AuthorizedKeys.read(file)
      Issue.record("it was read")
    } catch let error as FileError {
      #expect(error.file == "\(file):\(line)")
      #expect(error.what == what)
    }
  }

  @Test(
    "addresses of gates",
    arguments: [
      ("gpu1", "tcp://gpu1:5640"), ("tcp://gpu1", "tcp://gpu1:5640"), ("gpu1:7", "tcp://gpu1:7"),
      ("tcp://10.0.0.2:5640", "tcp://10.0.0.2:5640"), ("[fe80::1]:8", "tcp://[fe80::1]:8"),
      ("[::1]", "tcp://[::1]:5640"), ("*:6000", "tcp://*:6000"),
    ])
  func address(_ text: String, _ endpoint: String) throws {
    let address = try #require(GateAddress(text))
    #expect(address.control == endpoint)
  }

  @Test(
    "what is no address is refused",
    arguments: ["", "tcp://", ":5640", "gpu1:x", "gpu1:0", "gpu1:65535", "::1", "ipc:///x", "a b"])
  func noAddress(_ text: String) { #expect(GateAddress(text) == nil, "\(text)") }

  @Test("hosts are kept in a file, and one of a known name is replaced")
  func hosts() throws {
    var list = HostList()
    try list.add(name: "gpu1", address: "gpu1.example.org", key: Self.key)
    try list.add(name: "gpu2", address: "tcp://10.0.0.2:7000", key: Self.key)
    try list.add(name: "gpu1", address: "tcp://10.0.0.1:7000", key: Self.key)
    let file = folder.file("hosts")
    try list.write(file)
    #expect(try HostList.read(file) == list)
    #expect(list.hosts.map { "\($0.address)" } == ["tcp://10.0.0.1:7000", "tcp://10.0.0.2:7000"])
    for isThere in [true, false] {
      let was = list.remove("gpu2")
      #expect(was == isThere)
    }
    #expect(try HostList.read(folder.file("none")).hosts.isEmpty)
    let before = list
    #expect(throws: KeyError.self) {
      var list = before
      try list.add(name: "a", address: "*", key: Self.key)
    }
  }
}
