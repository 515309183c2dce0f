import Support
import TensorFiles
import TestSupport
import Testing

/// Damaged files are read or refused, and take no more memory than sound ones.
@Suite(.serialized) struct MutationTests {
  /// The most memory that a thousand readings of small files may take at once.
  private static let mostMemory = 300 << 20

  @Test(
    "a damaged file ends in values or in one line",
    arguments: [
      "strides.safetensors", "strides.pth", "strides-legacy.pth", "views-legacy.pth", "objects.pth",
      "settings.pth", "protocol4.pth",
    ])
  func damaged(_ name: String) throws {
    let folder = TemporaryFolder()
    let whole = bytes(of: Fixture.path(name))
    var mutator = Mutator(seed: 5)
    let before = ResidentMemory.peakBytes
    for number in 0..<Mutator.count {
      let path = folder.write(mutator.mutate(whole), to: "damaged")
      do {
        let file = try TensorFormat.open(path)
        for tensor in file.stored {
          // A type that is not read is refused here.
          guard let values = try? file.floats(tensor.name) else { continue }
          #expect(values.count == tensor.shape.reduce(1, *), "\(name) \(number) \(tensor.name)")
        }
      } catch {
        #expect(!error.description.contains("\n"), "\(name) \(number)")
      }
    }
    #expect(ResidentMemory.peakBytes - before < Self.mostMemory)
  }

  @Test("a damaged index is followed or refused")
  func index() throws {
    let folder = TemporaryFolder()
    folder.write(bytes(of: Fixture.path("protocol4.pth")), to: "a.bin")
    let whole = Array(#"{"metadata": {}, "weight_map": {"weight": "a.bin", "args": "a.bin"}}"#.utf8)
    var mutator = Mutator(seed: 6)
    for number in 0..<Mutator.count {
      let path = folder.write(mutator.mutate(whole), to: "index.json")
      do {
        #expect(try TensorFormat.open(path).stored.count == 1, "\(number)")
      } catch {
        #expect(!error.description.contains("\n"), "\(number)")
      }
    }
  }
}
