// Numbers that follow from a recipe.

extension Recipe {
  /// Optimiser steps in the whole run.
  package var totalSteps: Int { steps(optim.epochs) }

  /// Steps in which the learning rate rises.
  package var warmupSteps: Int { steps(optim.warmupEpochs) }

  /// Steps in which the prototypes rest.
  package var freezeLastLayerSteps: Int { steps(optim.freezeLastLayerEpochs) }

  /// Steps in which the teacher's temperature rises.
  package var warmupTeacherTempSteps: Int { steps(teacher.warmupTeacherTempEpochs) }

  /// The highest learning rate, after the scaling rule.
  package var scaledLr: Double {
    switch optim.scalingRule {
    case .sqrtWrt1024:
      optim.baseLr * (Double(train.batchSizePerGPU) / 1024).squareRoot()
    case .none: optim.baseLr
    }
  }

  private func steps(_ epochs: Double) -> Int {
    Int((epochs * Double(train.officialEpochLength)).rounded())
  }
}
