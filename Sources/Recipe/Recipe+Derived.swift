// Values that are derived from a recipe.

extension Recipe {
  /// Whether heads end in prototypes.
  package var hasPrototypes: Bool { objective.kind == .dinov2 }

  /// The number of optimiser steps in the whole run.
  package var totalSteps: Int { steps(optim.epochs) }

  /// The number of steps in which the learning rate rises.
  package var warmupSteps: Int { steps(optim.warmupEpochs) }

  /// The number of steps in which the prototypes are frozen.
  package var freezeLastLayerSteps: Int { steps(optim.freezeLastLayerEpochs) }

  /// The number of steps in which the teacher's temperature rises.
  package var warmupTeacherTempSteps: Int { steps(teacher.warmupTeacherTempEpochs) }

  /// The mean and the standard deviation of images with other channels than red, green and blue,
  /// unless they are given: the averages of ImageNet's.
  static let otherMean = 0.449
  static let otherStd = 0.226

  /// The number of batches in a step, over all its micro-batches and ranks.
  package var batchesPerStep: Int { train.accumulationSteps * train.world }

  /// The number of images in a step, over all its batches.
  package var imagesPerStep: Int { train.batchSizePerGPU * batchesPerStep }

  /// The number of tokens of a batch's crops, as floating point because no limit of a single key
  /// keeps it from overflow.
  var tokensPerBatch: Double {
    func tokens(_ side: Int, _ number: Int) -> Double {
      let patches = Double(side / max(student.patchSize, 1))
      return Double(number) * (patches * patches + 1 + Double(student.numRegisterTokens))
    }
    return Double(train.batchSizePerGPU)
      * (tokens(crops.globalCropsSize, 2) + tokens(crops.localCropsSize, crops.localCropsNumber))
  }

  /// The highest learning rate, after the scaling rule.
  package var scaledLr: Double {
    switch optim.scalingRule {
    case .sqrtWrt1024:
      optim.baseLr * (Double(imagesPerStep) / 1024).squareRoot()
    case .none: optim.baseLr
    }
  }

  /// Whether students are distilled from a frozen teacher.
  package var isDistilled: Bool { !distillation.teacher.isEmpty }

  /// Whether `distillation.arch` names the students of a distillation.
  var namesStudents: Bool { isDistilled && !distillation.arch.isEmpty }

  /// The recipe of each student; the recipe itself if there is only one.
  package var students: [Recipe] {
    guard namesStudents else { return [self] }
    return distillation.arch.map { arch in
      var recipe = self
      recipe.student.arch = arch
      recipe.distillation.arch = []
      return recipe
    }
  }

  /// The stochastic-depth rate of each block; 0 in a distillation.
  package var dropPathRates: [Double] {
    let (rate, depth) = (isDistilled ? 0 : student.dropPathRate, architecture.depth)
    guard !student.dropPathUniform else { return Array(repeating: rate, count: depth) }
    // As numpy's linspace: both ends are included, and a single block gets the first.
    return (0..<depth).map { rate * Double($0) / Double(max(depth - 1, 1)) }
  }

  private func steps(_ epochs: Double) -> Int {
    Int((epochs * Double(train.officialEpochLength)).rounded())
  }
}

extension Recipe.DataSource {
  /// Whether the channels are red, green and blue, so that changes of colour make sense.
  package var hasColours: Bool { channels == 3 }
}
