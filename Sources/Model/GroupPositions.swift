import Kernels
import Tensor

/// The positions of a crop group: the learned ones, those interpolated to the group's grid, or the rotations
/// of its grid.
struct GroupPositions {
  /// Weights that are computed when a pass is first prepared, so that planning costs nothing.
  private final class Values {
    private let make: () -> [Float]
    private(set) lazy var all = make()
    init(_ make: @escaping () -> [Float]) { self.make = make }
  }

  private struct Interpolated {
    let values: Values
    let weights: Matrix
    let positions: Matrix
    let dPositions: Matrix?
  }

  private struct Rotated {
    let values: Values
    let rotation: Matrix
  }

  private let interpolated: Interpolated?
  private let rotated: Rotated?

  init(_ plan: ArenaPlan, _ shape: BackboneShape, group: CropGroup, forTraining: Bool) {
    if let rotary = shape.rotary {
      interpolated = nil
      rotated = Rotated(
        values: Values { rotary.rotations(rows: group.rows, columns: group.columns) },
        rotation: plan.matrix(group.patchesEach, rotary.headWidth))
      return
    }
    rotated = nil
    guard group.rows != shape.grid || group.columns != shape.grid else {
      interpolated = nil
      return
    }
    let values = Values {
      PositionInterpolation(
        grid: shape.grid, rows: group.rows, columns: group.columns,
        antialias: shape.interpolateAntialias, offset: shape.interpolateOffset
      ).weights
    }
    let count = 1 + group.patchesEach
    interpolated = Interpolated(
      values: values, weights: plan.matrix(count, 1 + shape.grid * shape.grid),
      positions: plan.matrix(count, shape.embedDim),
      dPositions: forTraining ? plan.matrix(count, shape.embedDim) : nil)
  }

  func prepare(_ kernels: any Kernels) {
    if let interpolated { kernels.upload(interpolated.values.all, to: interpolated.weights.buffer) }
    if let rotated { kernels.upload(rotated.values.all, to: rotated.rotation.buffer) }
  }

  /// What turns the queries and keys of the group's patches; nil if positions are learned.
  var rotation: Matrix? { rotated?.rotation }

  /// Returns the position embeddings of the group's grid; nil if there are none.
  func forward(_ kernels: any Kernels, _ learned: Matrix?) -> Matrix? {
    guard let learned, let interpolated else { return learned }
    kernels.multiply(
      interpolated.weights, transposed: false, learned, accumulate: false,
      into: interpolated.positions)
    return interpolated.positions
  }

  /// Returns the matrix to add the gradient by the group's positions to.
  func gradient(_ kernels: any Kernels, _ dLearned: Matrix) -> Matrix {
    guard let target = interpolated?.dPositions else { return dLearned }
    kernels.fill(target.buffer, with: 0)
    return target
  }

  /// Adds the gradient by the group's positions to that by the learned ones.
  func backward(_ kernels: any Kernels, _ dLearned: Matrix) {
    guard let interpolated, let gradient = interpolated.dPositions else { return }
    kernels.multiply(
      interpolated.weights, transposed: true, gradient, accumulate: true, into: dLearned)
  }
}
