import Features
import Kernels
import Model
import Tensor
import Testing

@Suite("Embedding")
struct EmbedderTests {
  private let pixels = 3 * 12 * 12

  private func embedder(
    _ shape: BackboneShape, _ values: [Float], batch: Int, selection: Embedder.Selection,
    rows: Int = 3, columns: Int = 3
  ) throws -> (Embedder, any Kernels) {
    let kernels = kernels()
    let embedder = try Embedder(
      shape, group: CropGroup(count: batch, rows: rows, columns: columns), selection: selection,
      kernels: kernels)
    embedder.load(values[...])
    return (embedder, kernels)
  }

  @Test("a batch that is not full gives each image the features it has in a full one")
  func partialBatch() throws {
    let shape = SmallNetwork.shape(registers: 2)
    let values = SmallNetwork.values(shape)
    for (rows, columns) in [(3, 3), (4, 2)] {
      let count = 3 * 3 * 16 * rows * columns
      let images = numbers(count)
      let (whole, _) = try embedder(
        shape, values, batch: 3, selection: .init(patches: true), rows: rows, columns: columns)
      let (parts, _) = try embedder(
        shape, values, batch: 4, selection: .init(patches: true), rows: rows, columns: columns)
      let expected = whole.features(images)
      let first = parts.features(Array(images[..<(count / 3)]))
      let rest = parts.features(Array(images[(count / 3)...]))
      #expect(first.cls + rest.cls == expected.cls)
      #expect(first.patches + rest.patches == expected.patches)
    }
  }

  @Test("an earlier block's CLS is the last of a network that ends there")
  func earlierBlocks() throws {
    let deep = SmallNetwork.shape(depth: 3)
    let values = SmallNetwork.values(deep)
    let images = numbers(2 * pixels)
    let (embedder, kernels) = try embedder(deep, values, batch: 2, selection: .init(layers: 3))
    stage(images, in: embedder)
    let layers = embedder.embed().cls.map { kernels.download($0.buffer) }
    #expect(layers.count == 3)
    for depth in 1...3 {
      let shape = SmallNetwork.shape(depth: depth)
      var cut = [Float](repeating: 0, count: shape.layout.count)
      for parameter in shape.layout.parameters {
        let source = deep.layout.parameters.first { $0.name == parameter.name }!
        cut.replaceSubrange(parameter.range, with: values[source.range])
      }
      let (shallow, _) = try self.embedder(shape, cut, batch: 2, selection: .init())
      #expect(shallow.features(images).cls == layers[depth - 1], "after block \(depth)")
    }
    #expect(layers[0] != layers[1] && layers[1] != layers[2])
  }

  private func stage(_ images: [Float], in embedder: Embedder) {
    images.withUnsafeBufferPointer { images in
      for start in stride(from: 0, to: images.count, by: pixels) {
        embedder.stage(UnsafeBufferPointer(rebasing: images[start..<start + pixels]))
      }
    }
  }
}
