extension PositionInterpolation {
  /// Resizes a learned table of positions [1 + grid², width] to [1 + rows·columns, width].
  package func callAsFunction(_ positions: [Float], width: Int) -> [Float] {
    let sources = 1 + grid * grid
    precondition(positions.count == sources * width)
    var resized = [Float](repeating: 0, count: (1 + rows * columns) * width)
    for row in 0..<1 + rows * columns {
      for source in 0..<sources {
        let weight = weights[row * sources + source]
        guard weight != 0 else { continue }
        for column in 0..<width {
          resized[row * width + column] += weight * positions[source * width + column]
        }
      }
    }
    return resized
  }
}

extension BackboneShape {
  /// The name of the positions among a network's parameters.
  package static let positions = "backbone.pos_embed"

  /// The interpolation of position embeddings of another square grid to this backbone's grid.
  package func resizing(from grid: Int) -> PositionInterpolation {
    PositionInterpolation(
      grid: grid, rows: self.grid, columns: self.grid, antialias: interpolateAntialias,
      offset: interpolateOffset)
  }

  /// The side of the square grid of position embeddings with a shape; nil if the shape is another one.
  package func grid(ofPositions shape: [Int]) -> Int? {
    guard shape.count == 3, shape[1] > 1 else { return nil }
    let grid = Int(Double(shape[1] - 1).squareRoot().rounded())
    return shape == [1, 1 + grid * grid, embedDim] ? grid : nil
  }
}
