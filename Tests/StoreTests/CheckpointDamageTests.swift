import Foundation
import Store
import Support
import TestSupport
import Testing

@Suite("Checkpoints after kills, damage and full disks")
struct CheckpointDamageTests {
  private let folder = TemporaryFolder()
  private var store: CheckpointStore { CheckpointStore(directory: folder.path) }

  /// The identifier of a process that does not exist: it is larger than any real one.
  private static let gone = 99_999_999

  private func copy(_ step: Int, to name: String) throws {
    try FileManager.default.copyItem(atPath: store.path(step: step), toPath: folder.file(name))
  }

  private func latest() throws -> (step: Int?, damaged: [String]) {
    var damaged: [String] = []
    let step = try store.latestIntact { damaged.append($1) }?.step
    return (step, damaged)
  }

  @Test(
    "a kill at any stage of a write leaves the checkpoint before it, and no rubbish",
    arguments: [
      [], ["model.safetensors.partial-99999999"], ["model.safetensors"],
      ["model.safetensors", "recipe.yaml"],
      ["model.safetensors", "recipe.yaml", "manifest.json.partial-99999999"],
      ["model.safetensors", "recipe.yaml", "manifest.json"],
    ])
  func killedWriting(files: [String]) throws {
    try write(store, 1)
    let partial = ".000000002.partial-\(Self.gone)"
    try FileManager.default.createDirectory(
      atPath: folder.file(partial), withIntermediateDirectories: true)
    for file in files { folder.write([1, 2, 3], to: partial + "/" + file) }

    let found = try latest()
    #expect(found.step == 1 && found.damaged.isEmpty)
    try store.recover()
    #expect(folder.names() == ["000000001"])
    #expect(try latest().step == 1)
  }

  @Test("a kill while a checkpoint is replaced leaves the old one or the new one")
  func killedReplacing() throws {
    try write(store, 1)
    try write(store, 2, value: 10)
    let aside = ".000000002.replaced-\(Self.gone)"
    // Between the two moves: the old checkpoint is set aside, the new one is not yet in place.
    try FileManager.default.moveItem(atPath: store.path(step: 2), toPath: folder.file(aside))
    folder.write([0], to: ".000000002.partial-\(Self.gone)/manifest.json")
    try store.recover()
    #expect(folder.names() == ["000000001", "000000002"])
    #expect(try store.checkpoint(step: 2).tensors("model.safetensors").floats("w") == [10])

    // After both moves: the new checkpoint is in place, the old one is not yet removed.
    try copy(1, to: aside)
    try store.recover()
    #expect(folder.names() == ["000000001", "000000002"])
    #expect(try store.checkpoint(step: 2).tensors("model.safetensors").floats("w") == [10])
  }

  @Test("a kill while a checkpoint is pruned leaves nothing of it")
  func killedPruning() throws {
    try write(store, 1)
    try write(store, 2)
    try FileManager.default.moveItem(
      atPath: store.path(step: 1), toPath: folder.file(".000000001.removed-\(Self.gone)"))
    try store.recover()
    #expect(folder.names() == ["000000002"])
  }

  @Test("what is not ours stays")
  func leavesOthers() throws {
    let others = [".hidden", ".000000002.partial-x", ".000000002.partial-1-2", "notes.txt"]
    for name in others { folder.write([1], to: name + "/file") }
    try write(store, 1)
    #expect(folder.names() == (others + ["000000001"]).sorted())
    #expect(try store.list().map(\.step) == [1])
  }

  @Test(
    "a flipped bit in any file is named, and the checkpoint before it is taken",
    arguments: ["model.safetensors", "recipe.yaml", "manifest.json"])
  func flippedBit(file: String) throws {
    for step in 1...3 { try write(store, step) }
    flip(store.path(step: 3) + "/" + file)
    let found = try latest()
    #expect(found.step == 2)
    #expect(found.damaged.count == 1)
    #expect(found.damaged.first?.contains("000000003/" + file) == true)
    #expect(found.damaged.first?.contains("\n") == false)
    // Set aside, it is neither taken for a checkpoint nor lost.
    let aside = try store.setAside(step: 3)
    #expect(aside == store.path(step: 3) + ".damaged")
    #expect(try latest().damaged == [])
    try store.recover()
    #expect(folder.names().sorted() == ["000000001", "000000002", "000000003.damaged"])
    // A second one of the same step takes its place.
    try write(store, 3)
    #expect(try store.setAside(step: 3) == aside)
    #expect(folder.names().count == 3)
  }

  @Test("a checkpoint that cannot be read for another reason than damage is not passed over")
  func unreadable() throws {
    for step in 1...2 { try write(store, step) }
    let manifest = store.path(step: 2) + "/manifest.json"
    try FileManager.default.removeItem(atPath: manifest)
    // The system reports a loop of links, as it reports a failing disk: by an error.
    try FileManager.default.createSymbolicLink(atPath: manifest, withDestinationPath: manifest)
    let error = #expect(throws: FileError.self) { try latest() }
    #expect(error?.cause == .system(ELOOP))
  }

  @Test("a checkpoint of a newer format is not passed over")
  func newerFormat() throws {
    for step in 1...2 { try write(store, step) }
    let path = store.path(step: 2) + "/manifest.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing("\"format\" : 1", with: "\"format\" : \(Manifest.currentFormat + 1)")
      .write(toFile: path, atomically: false, encoding: .utf8)
    let error = #expect(throws: FileError.self) { try latest() }
    #expect(error?.what.contains("newer") == true)
  }

  @Test("what a killed process left is removed, though another process has its id today")
  func reusedProcess() throws {
    try write(store, 1)
    for name in [".000000002.partial-1", ".000000002.partial", ".000000001.removed-1"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: true)
    }
    try store.recover()
    #expect(folder.names() == ["000000001"])
  }

  @Test("no byte of a manifest can change unseen")
  func flippedManifestBits() throws {
    try write(store, 1, name: "n")
    let path = store.path(step: 1) + "/manifest.json"
    let whole = bytes(of: path)
    for place in whole.indices {
      flip(path, at: place)
      #expect(throws: FileError.self) { try store.checkpoint(step: 1) }
      try Data(whole).write(to: URL(fileURLWithPath: path))
    }
    #expect(try latest().step == 1)
  }

  @Test("a missing or shortened file, a missing manifest and an empty folder are damage")
  func missing() throws {
    for step in 1...5 { try write(store, step) }
    try FileManager.default.removeItem(atPath: store.path(step: 5) + "/model.safetensors")
    #expect(truncate(store.path(step: 4) + "/recipe.yaml", 3) == 0)
    try FileManager.default.removeItem(atPath: store.path(step: 3) + "/manifest.json")
    try FileManager.default.createDirectory(
      atPath: store.path(step: 6), withIntermediateDirectories: true)
    let found = try latest()
    #expect(found.step == 2)
    #expect(found.damaged.count == 4)
    #expect(try store.list().map(\.step) == [1, 2])
  }

  @Test("a write that fails half-way leaves nothing and the others as they were")
  func failedWrite() throws {
    try write(store, 1)
    let failure = FileError(file: "x", what: "y", remedy: "z")
    let thrown = #expect(throws: FileError.self) {
      try store.write(step: 1) { (writer) throws(FileError) in
        try writer.addText("recipe.yaml", "new")
        throw failure
      }
    }
    #expect(thrown == failure)
    #expect(folder.names() == ["000000001"])
    #expect(try store.checkpoint(step: 1).text("recipe.yaml") == "step: 1\n")
  }

  @Test(
    "a full disk is an error that names the file and the bytes, and older checkpoints stay",
    .enabled(if: SmallDisk.isPossible, "needs the right to mount a file system (root)"))
  func fullDisk() throws {
    let disk = try #require(SmallDisk(at: folder.file("disk"), bytes: 256 << 10))
    defer { disk.remove() }
    let store = CheckpointStore(directory: disk.path + "/checkpoints")
    try write(store, 1)
    let values = [Float](repeating: 1, count: 100_000)
    let error = #expect(throws: FileError.self) {
      try store.write(step: 2) { (writer) throws(FileError) in
        try writer.addTensors("model.safetensors", [.floats("w", [100_000], values)])
      }
    }
    let text = error?.description ?? ""
    #expect(text.contains("model.safetensors: the disk is full: the file needs 400"))
    #expect(text.contains("are free; make room"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: store.directory) == ["000000001"])
    try store.checkpoint(step: 1).verify()
    try write(store, 3)
    #expect(try store.latestIntact { _, _ in }?.step == 3)
  }
}
