import Model
import Objective

/// What a step is given: crops, masks, and what stochastic depth keeps.
package struct StepInput: Sendable {
  /// [2·images, 3, H, W]: crop 1 of every image, then crop 2.
  package var globalCrops: [Float]
  /// [localCrops·images, 3, h, w]
  package var localCrops: [Float]
  /// [2·images, patches]: ones where the student sees the mask token, and where iBOT compares. nil:
  /// the student sees whole crops, and iBOT compares all their patches.
  package var masks: [Int32]?
  /// nil: every block computes everything.
  package var keep: [KeptSequences]?

  package init(
    globalCrops: [Float], localCrops: [Float], masks: [Int32]?, keep: [KeptSequences]? = nil
  ) {
    self.globalCrops = globalCrops
    self.localCrops = localCrops
    self.masks = masks
    self.keep = keep
  }
}

/// The scheduled values that a step uses.
package struct StepValues: Sendable, Equatable {
  package var lr: Double
  package var lastLayerLr: Double
  package var weightDecay: Double
  package var momentum: Double
  package var teacherTemp: Double
  package var clipGrad: Double
  package var weights: LossWeights

  package init(
    lr: Double, lastLayerLr: Double, weightDecay: Double, momentum: Double, teacherTemp: Double,
    clipGrad: Double, weights: LossWeights
  ) {
    self.lr = lr
    self.lastLayerLr = lastLayerLr
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.teacherTemp = teacherTemp
    self.clipGrad = clipGrad
    self.weights = weights
  }
}
