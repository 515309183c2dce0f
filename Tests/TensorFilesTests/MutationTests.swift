import Support
import TensorFiles
import TestSupport
import Testing

/// Damaged files are read or refused, and take no more memory than sound ones.
@Suite("Damaged files of tensors", .serialized)
struct MutationTests {
  private let folder = TemporaryFolder()

  /// Reads damaged versions of files with all their values. Returns what was wrong.
  private func problems(_ reader: String, _ names: [String]) -> [String] {
    let sound = names.map { bytes(of: Fixture.path($0)) }
    return Mutations.problems(reader, sound, megabytes: 64, accepted: 0.03...0.95) {
      bytes, number in
      let file = try TensorFormat.open(folder.overwrite("damaged", with: bytes))
      for tensor in file.stored {
        // A type that is not read is refused here.
        guard let values = try? file.floats(tensor.name) else { continue }
        #expect(values.count == tensor.shape.reduce(1, *), "\(number) \(tensor.name)")
      }
    }
  }

  @Test("a damaged safetensors file ends in values or in one line")
  func safetensors() { #expect(problems("safetensors", ["strides.safetensors"]) == []) }

  @Test("a damaged file of torch.save ends in values or in one line")
  func zipped() {
    #expect(
      problems("pytorch", ["strides.pth", "objects.pth", "settings.pth", "protocol4.pth"]) == [])
  }

  @Test("a damaged pickle that is not in a zip file ends in values or in one line")
  func pickle() {
    #expect(problems("pickle", ["strides-legacy.pth", "views-legacy.pth"]) == [])
  }

  @Test("a damaged index is followed or refused")
  func index() throws {
    let names = try TensorFormat.open(
      folder.write(bytes(of: Fixture.path("strides.pth")), to: "a.bin")
    ).stored.map(\.name)
    let map = names.map { "\"\($0)\": \"a.bin\"" }.joined(separator: ", ")
    let whole = Array("{\"metadata\": {}, \"weight_map\": {\(map)}}".utf8)
    let problems = Mutations.problems(
      "index", [whole], as: .text, megabytes: 64, accepted: 0.01...0.95
    ) { bytes, number in
      let file = try TensorFormat.open(folder.overwrite("index.json", with: bytes))
      #expect(file.stored.count <= names.count, "\(number)")
    }
    #expect(problems == [])
  }
}
