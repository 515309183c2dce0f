import Foundation
import Store
import Support
import TestSupport
import Testing

@Suite("Checkpoints")
struct CheckpointStoreTests {
  private let folder = TemporaryFolder()
  private var store: CheckpointStore {
    CheckpointStore(directory: folder.file("checkpoints"), program: "dino 1.2.3")
  }

  @Test("a checkpoint has what was put in, under a folder that sorts by step")
  func roundTrip() throws {
    let before = Date().timeIntervalSince1970
    let written = try store.write(step: 1200, name: "good", info: ["seed": "7", "π": "a\"b/c"]) {
      (writer) throws(FileError) in
      try writer.addTensors("model.safetensors", [.floats("w", [2], [1, 2])], metadata: ["m": "n"])
      try writer.addText("recipe.yaml", "train:\n  größe: 1\n")
    }
    #expect(folder.names(in: "checkpoints") == ["000001200"])
    #expect(
      folder.names(in: "checkpoints/000001200")
        == ["manifest.json", "model.safetensors", "recipe.yaml"])

    let read = try store.checkpoint(step: 1200)
    #expect(read == written)
    #expect(read.step == 1200 && read.name == "good")
    #expect(read.manifest.info == ["seed": "7", "π": "a\"b/c"])
    #expect(read.manifest.program == "dino 1.2.3" && read.manifest.format == 1)
    #expect(read.manifest.time >= before && read.manifest.time < before + 60)
    #expect(try read.tensors("model.safetensors").floats("w") == [1, 2])
    #expect(try read.text("recipe.yaml") == "train:\n  größe: 1\n")
    try read.verify()
  }

  @Test("a run without checkpoints has none, and asking makes no folder")
  func empty() throws {
    #expect(try store.list().isEmpty)
    #expect(try store.latestIntact { _, _ in Issue.record("nothing is damaged") } == nil)
    #expect(folder.names().isEmpty)
  }

  @Test("checkpoints are listed oldest first, beyond nine digits too")
  func listing() throws {
    for step in [20, 9, 1_000_000_000, 100] { try write(store, step) }
    try write(store, 0)
    #expect(try store.list().map(\.step) == [0, 9, 20, 100, 1_000_000_000])
    #expect(try store.latestIntact { _, _ in }?.step == 1_000_000_000)
  }

  @Test("a step's second checkpoint replaces the first and keeps its name")
  func replacing() throws {
    try write(store, 5, name: "mine", value: 1)
    try write(store, 5, value: 2)
    #expect(folder.names(in: "checkpoints") == ["000000005"])
    let checkpoint = try store.checkpoint(step: 5)
    #expect(checkpoint.name == "mine")
    #expect(try checkpoint.tensors("model.safetensors").floats("w") == [2])
    try write(store, 5, name: "other")
    #expect(try store.checkpoint(step: 5).name == "other")
  }

  @Test("removed checkpoints are gone, and the others stay")
  func removing() throws {
    for step in 1...4 { try write(store, step) }
    try store.remove([1, 3])
    #expect(try store.list().map(\.step) == [2, 4])
    #expect(folder.names(in: "checkpoints").count == 2)
  }

  @Test(
    "a checkpoint is sound once it is marked, for later daemons too, and a branch's copy is not")
  func sound() throws {
    for step in 1...2 { try write(store, step, name: step == 2 ? "mine" : nil) }
    let other = CheckpointStore(directory: folder.file("other"))
    try other.adopt(store.checkpoint(step: 2))
    #expect(try store.list().map(\.isSound) == [false, false])
    try store.markSound(step: 2)
    #expect(try store.list().map(\.isSound) == [false, true])
    let marked = try store.checkpoint(step: 2)
    try marked.verify()
    #expect(marked.name == "mine")
    #expect(folder.names(in: "checkpoints/000000002").count == marked.manifest.files.count + 1)
    #expect(try other.checkpoint(step: 2).isSound == false)
    // Writing the step again makes another checkpoint of it.
    try write(store, 2)
    #expect(try store.checkpoint(step: 2).isSound == false)
  }

  @Test("a manifest of a newer format is refused with the remedy")
  func newerFormat() throws {
    try write(store, 1)
    let path = store.path(step: 1) + "/manifest.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing("\"format\" : 1", with: "\"format\" : \(Manifest.currentFormat + 1)")
      .write(toFile: path, atomically: true, encoding: .utf8)
    let error = #expect(throws: FileError.self) { try store.checkpoint(step: 1) }
    #expect(error?.description.contains("update") == true)
  }

  @Test("a folder that holds another step than its name says is refused")
  func wrongFolder() throws {
    try write(store, 2)
    try FileManager.default.copyItem(atPath: store.path(step: 2), toPath: store.path(step: 1))
    let error = #expect(throws: FileError.self) { try store.checkpoint(step: 1) }
    #expect(error?.what == "holds step 2")
  }

  @Test("a manifest that names a file outside its folder is refused, however well it is sealed")
  func outsideFile() throws {
    let zeros = "xxh3-128:" + String(repeating: "0", count: 32)
    let manifest = """
      {
        "files" : [ { "checksum" : "\(zeros)", "name" : "../secret", "size" : 1 } ],
        "format" : 1,
        "info" : {},
        "manifest_checksum" : "xxh3-128:ed23508555447107e1f3ae2f0bfe0c6d",
        "program" : "x",
        "step" : 1,
        "time" : 0
      }

      """
    folder.write([UInt8](manifest.utf8), to: "checkpoints/000000001/manifest.json")
    folder.write([1], to: "checkpoints/secret")
    let error = #expect(throws: FileError.self) { try store.checkpoint(step: 1) }
    #expect(error?.what.contains("outside") == true)
  }
}

/// Writes a checkpoint with one value and one text.
@discardableResult
func write(
  _ store: CheckpointStore, _ step: Int, name: String? = nil, value: Float? = nil
) throws -> Checkpoint {
  try store.write(step: step, name: name) { (writer) throws(FileError) in
    try writer.addTensors("model.safetensors", [.floats("w", [1], [value ?? Float(step)])])
    try writer.addText("recipe.yaml", "step: \(step)\n")
  }
}
