import Kernels
import Tensor

/// KoLeo, which spreads features evenly: −mean log of the distance of a CLS token before the head to its
/// nearest neighbour among the same global crops of a rank's batch (section 4 of the paper).
package struct KoLeoLoss {
  private let images: Int
  private let crops: Int
  private let workspace: KoLeoWorkspace
  private let rows: Buffer

  /// - Parameter crops: 2 for both global crops, as in the official code; 1 for the first only, as in the
  ///   paper.
  package init(_ plan: ArenaPlan, images: Int, width: Int, crops: Int = 2) {
    self.images = images
    self.crops = crops
    workspace = KoLeoWorkspace(plan, samples: images, width: width)
    rows = plan.buffer(images)
  }

  /// Adds the terms of each global crop to their sum, and the gradient of `weight` × their mean to `dx`.
  /// A batch of one image has no neighbours and no loss.
  ///
  /// - Parameter x: CLS tokens [2·images, D].
  package func callAsFunction(
    _ kernels: any Kernels, _ x: Matrix, weight: Float, dx: Matrix, sums: LossSums
  ) {
    guard images > 1 else { return }
    for crop in 0..<crops {
      let range = crop * images..<(crop + 1) * images
      kernels.koleo(
        x.rows(range), weight: weight, workspace: workspace, dx: dx.rows(range), losses: rows)
      kernels.addSum(rows, weights: nil, to: sums.koleo[crop])
    }
  }
}
