import Foundation
import Store
import Support
import TestSupport
import Testing

@Suite("Damaged manifests", .serialized)
struct MutationTests {
  private let folder = TemporaryFolder()

  /// Writes a checkpoint. Returns its path and its manifest.
  private func checkpoint() throws -> (path: String, manifest: [UInt8]) {
    let path = try write(CheckpointStore(directory: folder.path), 1, name: "begin").path
    return (path, bytes(of: path + "/manifest.json"))
  }

  @Test("a checkpoint with a damaged manifest is refused")
  func manifest() throws {
    let (path, whole) = try checkpoint()
    let problems = Mutations.problems(
      "manifest", [whole], as: .text, megabytes: 32, accepted: 0...0.5
    ) { bytes, number in
      folder.overwrite("000000001/manifest.json", with: bytes)
      let found = try Checkpoint(path: path)
      // A duplicated word may leave the text as it was.
      #expect(bytes == whole || found.step == 1, "\(number)")
    }
    #expect(problems == [])
  }

  @Test("a checkpoint whose manifest is wrong in itself is opened or refused")
  func sealed() throws {
    let (path, whole) = try checkpoint()
    let problems = Mutations.problems(
      "sealed-manifest", [whole], as: .text, megabytes: 32, accepted: 0.03...0.95
    ) { bytes, _ in
      folder.overwrite("000000001/manifest.json", with: Self.sealed(bytes))
      let found = try Checkpoint(path: path)
      _ = found.bytes
      try found.verify()
      _ = try CheckpointStore(directory: folder.path).list()
    }
    #expect(problems == [])
  }

  /// Returns a manifest's text with the checksum that it should have.
  private static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    let text = String(decoding: bytes, as: UTF8.self)
    let mark = "\"manifest_checksum\" : \"xxh3-128:"
    guard let start = text.range(of: mark)?.upperBound,
      let end = text[start...].firstIndex(of: "\"")
    else { return bytes }
    let open = text.replacingCharacters(
      in: start..<end, with: String(repeating: "0", count: 32))
    let sum = Checksum.text(of: open).dropFirst("xxh3-128:".count)
    return Array(text.replacingCharacters(in: start..<end, with: sum).utf8)
  }
}
