import Kernels
import Tensor

/// Features of images, one row for each: [n, width].
///
/// A row holds the CLS tokens of the last blocks, ending with the very last block, and then, if
/// `hasPooled`, the mean of the last block's patch tokens.
package struct FeatureTable: Sendable {
  package let embedDim: Int
  package let layers: Int
  package let hasPooled: Bool
  package private(set) var values: [Float] = []
  /// The image of each row: its index in the source. Images that could not be read are missing.
  package private(set) var images: [Int] = []

  /// The number of values in a row.
  package var width: Int { embedDim * (layers + (hasPooled ? 1 : 0)) }
  /// The number of rows.
  package var count: Int { images.count }

  /// An empty table, with capacity for the rows that are expected.
  package init(embedDim: Int, layers: Int, hasPooled: Bool, expected: Int = 0) {
    self.embedDim = embedDim
    self.layers = layers
    self.hasPooled = hasPooled
    values.reserveCapacity(expected * width)
  }

  /// A table with the given values [n, width]; row i belongs to image i.
  package init(embedDim: Int, layers: Int, hasPooled: Bool, rows: [Float]) {
    self.init(embedDim: embedDim, layers: layers, hasPooled: hasPooled)
    precondition(rows.count % width == 0)
    values = rows
    images = Array(0..<rows.count / width)
  }

  /// Appends rows [images.count, width].
  mutating func append(_ rows: [Float], images: [Int]) {
    precondition(rows.count == images.count * width)
    values += rows
    self.images += images
  }

  /// Appends the rows of a batch. `workspace` is reused between batches.
  mutating func append(
    _ features: Embedder.Features, images: [Int], kernels: any Kernels, workspace: inout [Float]
  ) {
    let start = values.count
    values.append(contentsOf: repeatElement(0, count: images.count * width))
    for (number, layer) in features.cls.enumerated() {
      let cls = kernels.download(layer.buffer)
      for row in images.indices {
        let target = start + row * width + number * embedDim
        for i in 0..<embedDim { values[target + i] = cls[row * embedDim + i] }
      }
    }
    if let patches = features.patches, hasPooled {
      pool(patches, images.count, start + layers * embedDim, kernels, &workspace)
    }
    self.images += images
  }

  /// Adds the mean patch token of each image to its row, beginning at the column `start`.
  private mutating func pool(
    _ patches: Matrix, _ count: Int, _ start: Int, _ kernels: any Kernels,
    _ workspace: inout [Float]
  ) {
    if workspace.count < patches.buffer.count {
      workspace = [Float](repeating: 0, count: patches.buffer.count)
    }
    let (width, dim, each) = (width, embedDim, patches.rows / count)
    workspace.withUnsafeMutableBufferPointer { tokens in
      kernels.download(patches.buffer, to: tokens)
      values.withUnsafeMutableBufferPointer { values in
        for image in 0..<count {
          let target = values.baseAddress! + start + image * width
          for patch in 0..<each {
            let token = tokens.baseAddress! + (image * each + patch) * dim
            for i in 0..<dim { target[i] += token[i] }
          }
          for i in 0..<dim { target[i] /= Float(each) }
        }
      }
    }
  }

  /// Returns some columns of all rows: [n, range.count].
  package func columns(_ range: Range<Int>) -> [Float] {
    if range == 0..<width { return values }
    var part: [Float] = []
    part.reserveCapacity(count * range.count)
    for row in 0..<count {
      part += values[row * width + range.lowerBound..<row * width + range.upperBound]
    }
    return part
  }

  /// The CLS tokens of the last block, [n, embedDim], which k-NN uses.
  package var cls: [Float] { columns((layers - 1) * embedDim..<layers * embedDim) }
}

extension FeatureTable {
  /// Returns some of the rows, by their indices.
  package func only(_ rows: [Int]) -> FeatureTable {
    var part = FeatureTable(
      embedDim: embedDim, layers: layers, hasPooled: hasPooled, expected: rows.count)
    for row in rows { part.values += values[row * width..<(row + 1) * width] }
    part.images = rows.map { images[$0] }
    return part
  }
}
