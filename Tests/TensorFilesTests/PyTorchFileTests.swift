import Support
import TensorFiles
import TestSupport
import Testing

@Suite struct PyTorchFileTests {
  @Test(
    "tensors of any strides are read as torch.load reads them, from both formats",
    arguments: ["strides.pth", "strides-legacy.pth"])
  func strides(_ name: String) throws {
    let expected = try Fixture.strides()
    let file = try TensorFormat.open(Fixture.path(name))
    #expect(file.stored.map(\.name).sorted() == expected.tensors.map(\.name).sorted())
    for tensor in file.stored {
      #expect(tensor.shape == expected[tensor.name]?.shape, "\(tensor.name)")
      #expect(try file.floats(tensor.name) == expected.floats(tensor.name), "\(tensor.name)")
    }
  }

  @Test("a storage that is a part of another is read, as PyTorch 0.4 wrote it")
  func views() throws {
    let file = try TensorFormat.open(Fixture.path("views-legacy.pth"))
    #expect(file.stored == [StoredTensor(name: "part", shape: [2, 2])])
    #expect(try file.floats("part") == [5, 6, 7, 8])
  }

  @Test(
    "other objects beside the tensors are passed over",
    arguments: [
      ("objects.pth", 6), ("settings.pth", 6), ("protocol3.pth", 6), ("protocol4.pth", 6),
      ("protocol5.pth", 6),
    ])
  func objects(name: String, count: Int) throws {
    let file = try TensorFormat.open(Fixture.path(name))
    #expect(try file.floats("weight") == (0..<count).map(Fixture.number))
  }

  @Test("tensors of every kind that torch.load knows are told apart from those that are read")
  func kinds() throws {
    let file = try TensorFormat.open(Fixture.path("objects.pth"))
    #expect(
      file.stored.map(\.name).sorted() == [
        "complex_tensor", "float8", "nested.weight", "ordered.weight", "parameter", "uint16",
        "weight",
      ])
    #expect(
      file.unreadable == [
        "sparse": "a sparse tensor", "quantised": "a quantised tensor",
        "meta": "a tensor of the meta device, which has no values",
      ])
    #expect(try file.floats("ordered.weight") == (0..<3).map(Fixture.number))
    #expect(try file.floats("parameter") == (0..<4).map(Fixture.number))
    for (name, type) in [
      ("uint16", "uint16"), ("float8", "float8_e4m3fn"), ("complex_tensor", "complex64"),
    ] {
      let error = #expect(throws: FileError.self) { try file.floats(name) }
      #expect(error?.what == "tensor \"\(name)\" is of \(type), not of floats")
    }
    #expect(
      try TensorFormat.open(Fixture.path("settings.pth")).unreadable == ["array": "a NumPy array"])
  }

  @Test(
    "what is not data is refused by its name, with advice that helps",
    arguments: [
      (
        "module.pth",
        "its pickle asks for __main__.Model, which is no part of weights and is not run; if you "
          + "trust the file, load it with torch.load(…, weights_only=False) and save the weights "
          + "alone: torch.save(model.state_dict(), \"weights.pth\")"
      ),
      (
        "script.pth",
        "is a program of TorchScript, which is not run; load it with "
          + "torch.jit.load and save its weights alone: torch.save(model.state_dict(), "
          + "\"weights.pth\")"
      ),
      (
        "arrays.npz",
        "is an archive of NumPy arrays (.npz); load it with NumPy, and save the arrays as "
          + "safetensors"
      ),
    ])
  func refused(name: String, says: String) throws {
    let error = #expect(throws: FileError.self) { try TensorFormat.open(Fixture.path(name)) }
    #expect(error?.description == Fixture.path(name) + ": " + says)
  }

  @Test("a storage of the old format that is cut short is named")
  func short() throws {
    let folder = TemporaryFolder()
    let path = folder.write(
      Array(bytes(of: Fixture.path("views-legacy.pth")).dropLast(4)), to: "short.pth")
    let error = #expect(throws: FileError.self) { try TensorFormat.open(path) }
    #expect(error?.what == "has no storage \"7\" of 10 elements")
  }
}
