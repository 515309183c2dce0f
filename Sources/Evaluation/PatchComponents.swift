import Features
import Kernels
import Tensor

/// Shows patch features as colours by the paper's procedure (section 7.6): the first principal
/// component of all patches separates foreground from background, then the first three components
/// of the foreground patches become red, green and blue. All images share the components, so that
/// similar parts have similar colours.
package struct PatchComponents: Sendable {
  /// The value of the first component above which a patch is foreground, in standard deviations.
  package let threshold: Float
  /// Whether the other side of the first component is the foreground.
  package let isFlipped: Bool

  package init(threshold: Float = 0, isFlipped: Bool = false) {
    self.threshold = threshold
    self.isFlipped = isFlipped
  }

  /// The colours of patches, and how much of their variance the colours show.
  package struct Outcome: Sendable, Equatable {
    /// The red, green and blue of each patch, image by image, in 0 … 1; `nil` for background.
    package let colours: [SIMD3<Float>?]
    /// The shares of the foreground's variance that the components explain.
    package let explained: [Float]
  }

  /// Computes the colours of patch features [images · rows · columns, D].
  ///
  /// Throws `EvaluationError` if the features do not vary or fewer than four patches are
  /// foreground, and `MemoryError` if memory cannot be reserved.
  package func colours(
    _ features: [Float], rows: Int, columns: Int, embedDim: Int, kernels: any Kernels
  ) throws -> Outcome {
    let count = features.count / embedDim
    let plan = ArenaPlan(for: kernels.device)
    let patches = plan.matrix(count, embedDim)
    let chosen = plan.matrix(count, embedDim)
    let indices = plan.indices(count)
    let projector = Projector(plan, rows: count, width: embedDim)
    try kernels.reserve(plan)
    kernels.upload(features, to: patches.buffer)

    let first = kernels.principalComponents(patches, count: 1)
    guard let variance = first.variances.first, variance.isFinite, variance > 1e-12 else {
      throw EvaluationError("all patches have the same features; there are no components to show")
    }
    let line = projector.project(kernels, patches, on: first)
    let sign = foregroundSign(line, rows, columns)
    let foreground = line.indices.filter { sign * line[$0] > threshold * variance.squareRoot() }
    guard foreground.count > 3 else {
      throw EvaluationError(
        "\(foreground.count) of \(count) patches are foreground at --threshold \(threshold); "
          + "a lower one takes more")
    }
    let rows = chosen.first(foreground.count)
    let numbers = indices[0..<foreground.count]
    kernels.upload(foreground.map(Int32.init), to: numbers)
    kernels.gather(patches, rows: numbers, into: rows)
    return paint(kernels, rows, foreground, of: count, projector)
  }

  /// Returns the sign of the first component on the foreground. The sign of an eigenvector is
  /// arbitrary; the side that is rarer at the edges of the images is the foreground.
  private func foregroundSign(_ line: [Float], _ rows: Int, _ columns: Int) -> Float {
    var border: Float = 0
    for (patch, value) in line.enumerated() {
      let (y, x) = (patch / columns % rows, patch % columns)
      guard y == 0 || y == rows - 1 || x == 0 || x == columns - 1 else { continue }
      border += value
    }
    return (border > 0) == isFlipped ? 1 : -1
  }

  private func paint(
    _ kernels: any Kernels, _ rows: Matrix, _ foreground: [Int], of count: Int,
    _ projector: Projector
  ) -> Outcome {
    let shown = min(3, rows.columns)
    let components = kernels.principalComponents(rows, count: shown)
    let values = projector.project(kernels, rows, on: components)
    var colours = [SIMD3<Float>?](repeating: nil, count: count)
    for patch in foreground { colours[patch] = .zero }
    for component in 0..<shown {
      let line = foreground.indices.map { values[$0 * shown + component] }
      let (low, high) = (line.min()!, line.max()!)
      for (index, patch) in foreground.enumerated() where high > low {
        colours[patch]![component] = (line[index] - low) / (high - low)
      }
    }
    let total = components.totalVariance
    return Outcome(
      colours: colours, explained: components.variances.map { total > 0 ? $0 / total : 0 })
  }
}

/// Computes the coordinates of points along given directions.
private struct Projector {
  private let directions: Matrix
  private let offset: Buffer
  private let coordinates: Matrix

  init(_ plan: ArenaPlan, rows: Int, width: Int) {
    directions = plan.matrix(3, width)
    offset = plan.buffer(3)
    coordinates = plan.matrix(rows, 3)
  }

  /// Returns (points − mean) · direction: [points, directions].
  func project(
    _ kernels: any Kernels, _ points: Matrix, on components: PrincipalComponents
  ) -> [Float] {
    let count = components.directions.count
    kernels.upload(components.directions.flatMap(\.self), to: directions.first(count).buffer)
    kernels.upload(
      components.directions.map { direction in
        -zip(direction, components.mean).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      }, to: offset[0..<count])
    let result = coordinates.buffer.matrix(points.rows, count)
    kernels.linear(
      points, weight: directions.first(count), bias: offset[0..<count], into: result)
    return kernels.download(result.buffer)
  }
}
