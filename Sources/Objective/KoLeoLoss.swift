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

  /// The sum over the global crops; its gradient × `weight` is added to `dx`.
  /// x: CLS tokens [2·images, D]. One image alone has no neighbour, and no loss.
  package func callAsFunction(
    _ kernels: any Kernels, _ x: Matrix, weight: Float, dx: Matrix
  ) -> Double {
    guard images > 1 else { return 0 }
    return (0..<crops).reduce(0) { sum, crop in
      let range = crop * images..<(crop + 1) * images
      kernels.koleo(
        x.rows(range), weight: weight, scratch: scratch, dx: dx.rows(range), losses: rows)
      return sum + kernels.sum(rows, weights: nil) / Double(images)
    }
  }
}
