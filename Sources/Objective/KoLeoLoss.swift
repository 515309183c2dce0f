import Kernels
import Tensor

/// KoLeo: −mean log of the distance to the nearest neighbour in the batch, which spreads features
/// evenly; on CLS tokens before the head, each global crop's batch by itself.
package struct KoLeoLoss {
  private let images: Int
  private let crops: Int
  private let scratch: KoLeoScratch
  private let rows: Buffer

  /// - Parameter crops: 2: both global crops (official code); 1: the first alone (paper).
  package init(_ plan: ArenaPlan, images: Int, width: Int, crops: Int = 2) {
    self.images = images
    self.crops = crops
    scratch = KoLeoScratch(plan, samples: images, width: width)
    rows = plan.buffer(images)
  }

  /// Adds each global crop's loss to its sum; the gradient of the losses' means over the images
  /// × `weight` is added to `dx`.
  /// x: CLS tokens [2·images, D]. One image alone has no neighbour, and no loss.
  package func callAsFunction(
    _ kernels: any Kernels, _ x: Matrix, weight: Float, dx: Matrix, sums: LossSums
  ) {
    guard images > 1 else { return }
    for crop in 0..<crops {
      let range = crop * images..<(crop + 1) * images
      kernels.koleo(
        x.rows(range), weight: weight, scratch: scratch, dx: dx.rows(range), losses: rows)
      kernels.addSum(rows, weights: nil, to: sums.koleo[crop])
    }
  }
}
