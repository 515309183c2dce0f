/// Finds keypoints: extremes of the differences of Gaussians (Lowe 2004, sections 3 and 4).
enum KeypointDetector {
  /// The least difference, for grey values up to 1.
  private static let leastContrast: Float = 0.01
  /// The largest ratio of the two curvatures; places along edges have larger ones.
  private static let mostEdge: Float = 10
  /// Pixels at the edge of a picture in which nothing is looked for.
  private static let margin = 2

  /// An extreme within an octave.
  struct Candidate {
    let octave: Int
    let scale: Int
    let x: Int
    let y: Int
    let strength: Float
  }

  /// Returns the most distinct extremes of a scale space, the most distinct first.
  static func candidates(_ space: ScaleSpace, most: Int) -> [Candidate] {
    var found: [Candidate] = []
    for (number, octave) in space.octaves.enumerated() {
      for scale in 1...ScaleSpace.scales { look(octave, number, scale, &found) }
    }
    found.sort {
      ($1.strength, $0.octave, $0.scale, $0.y, $0.x) < (
        $0.strength, $1.octave, $1.scale, $1.y, $1.x
      )
    }
    return Array(found.prefix(most))
  }

  private static func look(
    _ octave: ScaleSpace.Octave, _ number: Int, _ scale: Int, _ found: inout [Candidate]
  ) {
    let layers = (scale - 1...scale + 1).map { octave.differences[$0] }
    let (width, height) = (layers[1].width, layers[1].height)
    guard width > 2 * margin, height > 2 * margin else { return }
    for y in margin..<height - margin {
      for x in margin..<width - margin {
        let value = layers[1].values[y * width + x]
        guard abs(value) > leastContrast, isExtreme(value, layers, x, y),
          !isEdge(layers[1], x, y)
        else { continue }
        found.append(Candidate(octave: number, scale: scale, x: x, y: y, strength: abs(value)))
      }
    }
  }

  private static func isExtreme(
    _ value: Float, _ layers: [GreyPicture], _ x: Int, _ y: Int
  ) -> Bool {
    for (number, layer) in layers.enumerated() {
      for row in y - 1...y + 1 {
        for column in x - 1...x + 1 where !(number == 1 && row == y && column == x) {
          let other = layer.values[row * layer.width + column]
          if value > 0 ? other >= value : other <= value { return false }
        }
      }
    }
    return true
  }

  private static func isEdge(_ layer: GreyPicture, _ x: Int, _ y: Int) -> Bool {
    let twice = 2 * layer[x, y]
    let across = layer[x + 1, y] + layer[x - 1, y] - twice
    let down = layer[x, y + 1] + layer[x, y - 1] - twice
    let both =
      (layer[x + 1, y + 1] - layer[x - 1, y + 1] - layer[x + 1, y - 1] + layer[x - 1, y - 1]) / 4
    let (trace, determinant) = (across + down, across * down - both * both)
    let limit = (mostEdge + 1) * (mostEdge + 1) / mostEdge
    return determinant <= 0 || trace * trace >= limit * determinant
  }
}
