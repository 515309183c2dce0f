import Kernels
import Tensor

/// The losses of a step, without their weights.
package struct Losses: Sendable, Equatable {
  /// DINO's loss of local and of global crops.
  package var dinoLocal = 0.0
  package var dinoGlobal = 0.0
  /// The sum of KoLeo's losses of the global crops.
  package var koleo = 0.0
  package var ibot = 0.0
  /// The coding-rate objective's expansion: less the weighted coding rate, 0 for DINOv2's objective.
  package var codingRate = 0.0

  package init() {}

  /// The losses of a micro-batch, from their sums that the host has read.
  package init(_ sums: LossSums, _ values: ScalarValues, counts: CropCounts) {
    dinoLocal = values[sums.dinoLocal] * counts.pairWeight
    dinoGlobal = values[sums.dinoGlobal] * counts.pairWeight
    ibot = values[sums.ibot]
    for crop in 0..<sums.koleo.count {
      koleo += values[sums.koleo[crop]] / Double(counts.images)
    }
    codingRate = values[sums.codingRate]
  }

  /// Adds `share` × the losses of a micro-batch.
  package mutating func add(_ other: Losses, share: Double) {
    dinoLocal += share * other.dinoLocal
    dinoGlobal += share * other.dinoGlobal
    koleo += share * other.koleo
    ibot += share * other.ibot
    codingRate += share * other.codingRate
  }

  /// The weighted sum that is minimised.
  package func total(_ weights: LossWeights) -> Double {
    Double(weights.dino) * (dinoLocal + dinoGlobal + codingRate) + Double(weights.koleo) * koleo
      + Double(weights.ibot) * ibot
  }
}

/// The sums of a micro-batch's losses in a backend's memory, zero at first, until the host reads them.
package struct LossSums: Sendable {
  /// The losses of all pairs of a local crop and a target, and of a global crop and a target: cross-entropies,
  /// or negative cosines of the coding-rate objective.
  let dinoLocal: Scalar
  let dinoGlobal: Scalar
  /// KoLeo's terms of all images, for each global crop.
  let koleo: Scalars
  /// Weighted losses of the masked patches.
  let ibot: Scalar
  /// The coding-rate objective's expansion.
  let codingRate: Scalar

  /// The number of scalars.
  package static let count = 6

  /// - Parameter scalars: `count` of them.
  package init(_ scalars: Scalars) {
    precondition(scalars.count == Self.count)
    (dinoLocal, dinoGlobal, ibot) = (scalars[0], scalars[1], scalars[2])
    koleo = scalars[3..<5]
    codingRate = scalars[5]
  }
}

/// The weights of the losses.
package struct LossWeights: Sendable, Equatable {
  package var dino: Float
  package var koleo: Float
  package var ibot: Float

  package init(dino: Float = 1, koleo: Float = 0.1, ibot: Float = 1) {
    self.dino = dino
    self.koleo = koleo
    self.ibot = ibot
  }

  /// The weights times the share of a micro-batch.
  package func times(_ share: Float) -> LossWeights {
    LossWeights(dino: dino * share, koleo: koleo * share, ibot: ibot * share)
  }
}

/// The numbers of images and crops of a batch.
///
/// They decide the order of feature rows: first the CLS tokens of 2·images global crops (crop 1 of every
/// image, then crop 2), then those of localCrops·images local crops, then the masked patches.
package struct CropCounts: Sendable, Equatable {
  package var images: Int
  package var localCrops: Int

  package init(images: Int, localCrops: Int) {
    self.images = images
    self.localCrops = localCrops
  }

  /// The numbers of global crops, of local crops, and of both, which is that of the CLS tokens.
  package var global: Int { 2 * images }
  package var local: Int { localCrops * images }
  package var cls: Int { global + local }
  /// Pairs of a student's crop and a target of another crop, for each image.
  package var terms: Int { 2 + 2 * localCrops }
  /// The weight of a pair in DINO's loss, which is the mean over the images divided by `terms`.
  var pairWeight: Double { 1 / Double(images * terms) }
}
