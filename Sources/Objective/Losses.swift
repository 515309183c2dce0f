import Kernels
import Tensor

/// The losses of one step, each before its weight in the recipe.
package struct Losses: Sendable, Equatable {
  package var dinoLocal = 0.0
  package var dinoGlobal = 0.0
  /// The sum over the global crops that it spreads.
  package var koleo = 0.0
  package var ibot = 0.0

  package init() {}

  /// The losses of a micro-batch by their sums, which the host has read.
  package init(_ sums: LossSums, _ values: ScalarValues, counts: CropCounts) {
    dinoLocal = values[sums.dinoLocal] * counts.shareOfPair
    dinoGlobal = values[sums.dinoGlobal] * counts.shareOfPair
    ibot = values[sums.ibot]
    for crop in 0..<sums.koleo.count {
      koleo += values[sums.koleo[crop]] / Double(counts.images)
    }
  }

  /// Adds the share of a batch among those whose gradients are averaged.
  package mutating func add(_ other: Losses, share: Double) {
    dinoLocal += share * other.dinoLocal
    dinoGlobal += share * other.dinoGlobal
    koleo += share * other.koleo
    ibot += share * other.ibot
  }

  /// What is minimised.
  package func total(_ weights: LossWeights) -> Double {
    Double(weights.dino) * (dinoLocal + dinoGlobal) + Double(weights.koleo) * koleo
      + Double(weights.ibot) * ibot
  }
}

/// Where a micro-batch's losses are summed up until the host reads them; zero before its first loss.
package struct LossSums: Sendable {
  /// Cross-entropies of all pairs of a local, or of a global, crop and another crop's target.
  let dinoLocal: Scalar
  let dinoGlobal: Scalar
  /// KoLeo's terms of the images, for each global crop.
  let koleo: Scalars
  /// Cross-entropies of the masked patches, each times its share.
  let ibot: Scalar

  /// How many numbers they are.
  package static let count = 5

  /// - Parameter scalars: `count` of them.
  package init(_ scalars: Scalars) {
    precondition(scalars.count == Self.count)
    (dinoLocal, dinoGlobal, ibot) = (scalars[0], scalars[1], scalars[2])
    koleo = scalars[3..<5]
  }
}

/// What each loss counts.
package struct LossWeights: Sendable, Equatable {
  package var dino: Float
  package var koleo: Float
  package var ibot: Float

  package init(dino: Float = 1, koleo: Float = 0.1, ibot: Float = 1) {
    self.dino = dino
    self.koleo = koleo
    self.ibot = ibot
  }

  /// Those of a batch whose gradient is one share among several.
  package func times(_ share: Float) -> LossWeights {
    LossWeights(dino: dino * share, koleo: koleo * share, ibot: ibot * share)
  }
}

/// How many crops a batch has, and where each row of features comes from: first the CLS tokens of
/// 2·images global crops (crop 1 of every image, then crop 2), then those of
/// localCrops·images local crops, then the masked patches.
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
  /// Pairs of a student's crop and a target from another crop of its image, per image.
  package var terms: Int { 2 + 2 * localCrops }
  /// The weight of such a pair in DINO's loss: they count alike, by the mean over the batch divided
  /// by the number of terms.
  var shareOfPair: Double { 1 / Double(images * terms) }
}
