import Foundation
import Store
import Support
import TestSupport
import Testing

@Suite("Files that several processes write parts of")
struct FilePartsTests {
  private let folder = TemporaryFolder()
  private var store: CheckpointStore { CheckpointStore(directory: folder.file("checkpoints")) }
  private let values: [String: [Float]] = ["a": [1, 2, 3, 4], "b": [5, 6], "c": [7]]
  private var sources: [TensorSource] {
    values.sorted { $0.key < $1.key }.map { .floats($0, [$1.count], $1) }
  }
  private let file = "model.safetensors"

  /// Writes a checkpoint of which two writers write parts.
  private func write(step: Int) throws -> Checkpoint {
    try store.write(step: step) { (writer) throws(FileError) in
      try writer.addTensors(file, sources, metadata: ["m": "n"]) {
        (path, layout) throws(FileError) in
        let (one, other) = (try FilePartsOutput(path: path), try FilePartsOutput(path: path))
        // From the end to the beginning, and what follows in two calls as one part.
        try other.write([4] + values["b"]!, at: layout.offset(of: "a") + 12)
        try other.write(values["c"]!, at: layout.offset(of: "c"))
        try one.write([1, 2], at: layout.dataOffset)
        try one.write([3], at: layout.dataOffset + 8)
        let parts = (try other.finish(), try one.finish())
        return parts.0 + parts.1
      }
    }
  }

  @Test("the file is that of one writer, byte for byte, and each part has its checksum")
  func sameBytes() throws {
    let checkpoint = try write(step: 1)
    let alone = folder.file("alone.safetensors")
    let record = try SafetensorsWriter.write(sources, metadata: ["m": "n"], to: alone)
    #expect(try Data(contentsOf: URL(fileURLWithPath: checkpoint.file(file))) == folder.data(alone))
    let parts = checkpoint.manifest.files[0].parts
    #expect(checkpoint.manifest.files[0].size == record.size)
    #expect(parts.map(\.size) == [record.size - 28, 12, 16])
    #expect(parts.map(\.offset) == [0, record.size - 28, record.size - 16])
    #expect(Set(parts.map(\.checksum)).count == 3)
    try checkpoint.verify()
    #expect(folder.names(in: "checkpoints/000000001") == ["manifest.json", file])
  }

  @Test("only a checkpoint with such files is of the newer format")
  func format() throws {
    #expect(try write(step: 1).manifest.format == 2)
    let alone = try store.write(step: 2) { (writer) throws(FileError) in
      try writer.addTensors(file, sources)
    }
    #expect(alone.manifest.format == 1 && alone.manifest.files[0].parts.count == 1)
    #expect(try store.list().map(\.step) == [1, 2])
  }

  @Test("a changed byte of any part is found")
  func damage() throws {
    let checkpoint = try write(step: 1)
    let url = URL(fileURLWithPath: checkpoint.file(file))
    let sound = try Data(contentsOf: url)
    for offset in sound.indices {
      var bytes = sound
      bytes[offset] ^= 1
      try bytes.write(to: url)
      #expect(throws: FileError.self) { try checkpoint.verify() }
    }
    try sound.write(to: url)
    try checkpoint.verify()
  }

  @Test("a part that cannot be written leaves no checkpoint, and the one before stays")
  func failure() throws {
    let before = try write(step: 1)
    let error = #expect(throws: FileError.self) {
      try store.write(step: 2) { (writer) throws(FileError) in
        try writer.addTensors(file, sources, metadata: [:]) { (path, _) throws(FileError) in
          try FilePartsOutput(path: path + ".gone").finish()
        }
      }
    }
    #expect(error?.what.hasPrefix("cannot be opened") == true)
    #expect(folder.names(in: "checkpoints") == ["000000001"])
    try before.verify()
  }

  @Test("a probe is there while it is looked for, and gone then")
  func probe() throws {
    let folder = folder
    try store.write(step: 1) { (writer) throws(FileError) in
      let found = try writer.withProbe { path in
        (FilePartsOutput.canWrite(to: path), FilePartsOutput.canWrite(to: path + "0"), path)
      }
      #expect(found.0 && !found.1 && found.2.hasPrefix("/"))
      #expect(!FileSystem.exists(found.2))
    }
    #expect(folder.names(in: "checkpoints/000000001") == ["manifest.json"])
  }
}

extension TemporaryFolder {
  fileprivate func data(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path))
  }
}
