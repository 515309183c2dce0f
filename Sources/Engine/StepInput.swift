import Model
import Objective

/// The input of a micro-batch: crops, masks, and the sequences that stochastic depth keeps.
package struct StepInput: Sendable {
  /// [2·images, 3, H, W]: crop 1 of every image, then crop 2.
  package var globalCrops: [Float]
  /// [localCrops·images, 3, h, w]
  package var localCrops: [Float]
  /// [2·images, patches]: 1 where the student sees the mask token and iBOT compares. nil if the student
  /// sees whole crops and iBOT compares all their patches.
  package var masks: [Int32]?
  /// What stochastic depth keeps in each block; nil if every block computes everything.
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

/// The scheduled values of a step.
package struct StepValues: Sendable, Equatable {
  package var lr: Double
  /// The learning rate of the prototypes.
  package var lastLayerLr: Double
  package var weightDecay: Double
  /// The momentum of the moving average.
  package var momentum: Double
  package var teacherTemp: Double
  /// The norm that each sub-module's gradient is clipped to; 0 for no clipping.
  package var clipGrad: Double
  package var weights: LossWeights
  /// For each student, and each of its sub-modules in the order of `Engine.modules`, the norm of a gradient
  /// above which the step is skipped; empty if none is.
  package var normLimits: [[Double]] = []

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
