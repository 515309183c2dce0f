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

  /// Images that a step sees, over all the batches it accumulates.
  package var imagesPerStep: Int { train.batchSizePerGPU * train.accumulationSteps }

  /// The highest learning rate, after the scaling rule.
  package var scaledLr: Double {
    switch optim.scalingRule {
    case .sqrtWrt1024:
      optim.baseLr * (Double(imagesPerStep) / 1024).squareRoot()
    case .none: optim.baseLr
    }
  }

  /// Whether a frozen teacher is distilled into students.
  package var isDistilled: Bool { !distillation.teacher.isEmpty }

  /// Whether the students of a distillation are named in a list of their own.
  var namesStudents: Bool { isDistilled && !distillation.arch.isEmpty }

  /// The recipe as each of its students follows it: itself, where it has one.
  package var students: [Recipe] {
    guard namesStudents else { return [self] }
    return distillation.arch.map { arch in
      var recipe = self
      recipe.student.arch = arch
      recipe.distillation.arch = []
      return recipe
    }
  }

  /// The rate of stochastic depth in each block; a distillation has none.
  package var dropPathRates: [Double] {
    let (rate, depth) = (isDistilled ? 0 : student.dropPathRate, architecture.depth)
    guard !student.dropPathUniform else { return Array(repeating: rate, count: depth) }
    // numpy's linspace: both ends belong to it, and a single block gets the first.
    return (0..<depth).map { rate * Double($0) / Double(max(depth - 1, 1)) }
  }

  private func steps(_ epochs: Double) -> Int {
    Int((epochs * Double(train.officialEpochLength)).rounded())
  }
}
