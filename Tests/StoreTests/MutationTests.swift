import Foundation
import Store
import Support
import TestSupport
import Testing

@Suite("Damaged manifests", .serialized)
struct MutationTests {
  private let folder = TemporaryFolder()

  /// Writes a checkpoint. Returns its path and its manifest, which is of the same time always.
  private func checkpoint() throws -> (path: String, manifest: [UInt8]) {
    let path = try write(CheckpointStore(directory: folder.path), 1, name: "begin").path
    let text = String(decoding: bytes(of: path + "/manifest.json"), as: UTF8.self)
    let start = try #require(text.range(of: "\"time\" : ")).upperBound
    let end = try #require(text[start...].firstIndex(of: "\n"))
    let manifest = Self.sealed(Array((text[..<start] + "1000000000.5" + text[end...]).utf8))
    folder.overwrite("000000001/manifest.json", with: manifest)
    return (path, manifest)
  }

  @Test("a checkpoint with a damaged manifest is refused")
  func manifest() throws {
    let (path, whole) = try checkpoint()
    let problems = Mutations.problems(
      "manifest", [whole], as: .text, megabytes: 32, accepted: 0...0.5
    ) { bytes, number in
      folder.overwrite("000000001/manifest.json", with: bytes)
      _ = try Checkpoint(path: path)
      // A change may leave the text as it was, such as a digit that is replaced by itself.
      #expect(bytes == whole, "\(number)")
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
