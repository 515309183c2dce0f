import Store
import Support
import TensorFiles
import TestSupport
import Testing

@Suite struct ShardedFileTests {
  let folder = TemporaryFolder()

  /// Writes two files, with `a` and `b` and with `c`, and an index of `map`.
  private func index(_ map: String) throws -> String {
    try SafetensorsWriter.write(
      [.floats("a", [2], [1, 2]), .floats("b", [1], [3])], metadata: ["num_heads": "3"],
      to: folder.file("one.safetensors"))
    try SafetensorsWriter.write(
      [.floats("c", [1, 1], [4]), .floats("a", [1], [9])], to: folder.file("two.safetensors"))
    return folder.write(
      "{\"metadata\": {\"total_size\": 16}, \"weight_map\": {\(map)}}",
      to: "model.safetensors.index.json")
  }

  @Test("tensors are read from the files that the index names")
  func read() throws {
    let file = try TensorFormat.open(
      try index(#""a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors""#))
    #expect(
      file.stored == [
        StoredTensor(name: "a", shape: [2]), StoredTensor(name: "b", shape: [1]),
        StoredTensor(name: "c", shape: [1, 1]),
      ])
    #expect(try file.floats("a") == [1, 2])
    #expect(try file.floats("c") == [4])
    #expect(file.metadata == ["num_heads": "3"])
  }

  @Test("files of torch.save are read by their index too")
  func bins() throws {
    folder.write(bytes(of: Fixture.path("protocol4.pth")), to: "pytorch_model-1.bin")
    let path = folder.write(
      #"{"weight_map": {"weight": "pytorch_model-1.bin"}}"#, to: "pytorch_model.bin.index.json")
    #expect(try TensorFormat.open(path).floats("weight") == (0..<6).map(Fixture.number))
  }

  @Test(
    "what an index says of its files is checked",
    arguments: [
      (
        #""a": "three.safetensors""#, "names the file \"three.safetensors\", which is not beside it"
      ),
      (
        #""a": "one.safetensors", "d": "two.safetensors""#,
        "says that \"two.safetensors\" has the tensor \"d\", which it lacks"
      ),
      (
        #""a": "../one.safetensors""#,
        "names \"../one.safetensors\", which is no file of weights in its folder"
      ),
      (#""a": "/etc/passwd""#, "names \"/etc/passwd\", which is no file of weights in its folder"),
      (#""a": "sub/../../one""#, "names \"sub/../../one\", which is no file of weights"),
      (
        #""a": "model.safetensors.index.json""#,
        "names \"model.safetensors.index.json\", which is no file of weights in its folder"
      ),
      (#""a": """#, "names \"\", which is no file of weights in its folder"),
      (#""a": 3"#, "is JSON, not weights, and no index of them"),
    ])
  func refused(map: String, says: String) throws {
    let path = try index(map)
    let error = #expect(throws: FileError.self) { try TensorFormat.open(path) }
    #expect(error?.what.hasPrefix(says) == true, "\(error?.description ?? "")")
  }
}
