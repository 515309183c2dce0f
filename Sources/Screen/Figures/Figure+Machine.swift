import Run

// MARK: Time, memory and progress

extension Figure {
  static let throughput = [
    Figure(
      [.imagesPerSecond, .timeStep],
      "Images that are trained on each second, and the time of a step.",
      otherwise: "See the parts of a step: where the time goes is where something can be gained."),
    Figure(
      [.gflops], "Billions of floating-point operations each second, of the model's own.",
      otherwise: "dinod bench says what this machine can do; less means waiting, or other programs."
    ),
    Figure(
      [.timeData],
      "The part of a step in which it waited for crops: decoding and augmentation are too slow.",
      otherwise:
        "Above a tenth, raise train.num_workers, or prepare smaller images with dinod images."
    ) { _ in "near 0" },
    Figure(
      [.timeTeacher, .timeStudent, .timeBackward, .timeOptimiser],
      "The parts of a step that compute: the teacher's forward pass, the student's, the gradients, "
        + "and the update with the teacher's average.",
      otherwise: "Their shares change with crops and model, hardly with anything else."),
    Figure(
      [.timeNetwork, .bytesSent],
      "Of several processes: the time in which this one waited for the others, and what it sent.",
      otherwise: "A slow host or a slow link holds up all; docs/many-machines.md."),
    Figure(
      [.memoryResident, .memoryArena],
      "What the process has in memory, and the part of it that steps use, which is planned ahead.",
      otherwise: "The arena is constant within a phase. Growth of the rest over hours is a fault."),
    Figure(
      [.memoryAvailable],
      "What the machine, or the run's control group, still has for programs to use.",
      otherwise: "If it runs out, the system kills a program, and the largest one is the run."
    ) { _ in "steady, and above a twentieth of what the run uses" },
    Figure(
      [.diskCheckpoints], "How many more checkpoints the run's disk has room for.",
      otherwise:
        "Below two, make room, or keep fewer: dino checkpoints shows which rule keeps each."),
  ]

  static let progress = [
    Figure(
      [.epoch, .imagesSeen],
      "Epochs as the recipe counts them, a number of steps each, and images that were trained on. "
        + "Passes over your images are images seen, divided by how many you have.",
      otherwise: "With few images, hundreds of passes are usual."),
    Figure(
      [.phase, .phaseProgress, .timeLeft], "The phase, how much of it is done, and the time left.",
      otherwise: "The time left follows the recent pace, and knows the cost of later phases."),
  ]

  static let accuracies = [
    Figure(
      [.knnLearned],
      "How often the nearest neighbours of a held-out image have its label. Labels measure; they never "
        + "train.",
      formula: "k-NN on features of the teacher, cosine similarity",
      otherwise:
        "If it is no better than the untrained network's after a tenth of the run, the run does not "
        + "learn: docs/small-data.md."
    ) { _ in "above both baselines, and rising" },
    Figure(
      [.linearLearned],
      "How often a linear classifier of the same features is right, which is trained on the labels of the "
        + "images that vote. The network does not learn from it.",
      otherwise:
        "If it rises and k-NN does not, the features know the classes but do not lie by them."
    ) { _ in "above k-NN, and rising" },
    Figure(
      [.knnRawPixels, .knnUntrained, .knnTeacher],
      "The same for raw pixels, for the network before the first step, and for the frozen teacher of a "
        + "distillation: what learning has to beat, or to reach.",
      otherwise: "They are measured once."),
  ]

  static let scores = [
    Figure(
      [.rankMe], "The effective rank of the features of the probe's images. It needs no labels.",
      formula: "exp of the entropy of the singular values",
      otherwise: "A fall to half of its best means that features get poorer."
    ) { status in status.embedDim.map { "rising, at most \($0)" } },
    Figure(
      [.lidar],
      "How many directions tell images apart, and not views of one image. It needs no labels.",
      otherwise: "If RankMe rises and this does not, features follow the augmentation."
    ) { _ in "rising" },
    Figure(
      [.alphaReQ], "How fast the spectrum of the features decays.",
      otherwise: "Far above 1, few directions have everything; far below, they are noise."
    ) { _ in "near 1" },
    Figure(
      [.codingRate], "How much of the space the features fill, by coding rate.",
      otherwise: "The coding-rate objective pushes it itself, so it says less there."),
    Figure(
      [.denseSeparation, .denseDimensions],
      "How well patches part what is in an image, and in how many dimensions (DSE).",
      otherwise: "It may fall late in a long run while k-NN still rises: patches become alike."),
    Figure(
      [.segmentationMIoU],
      "How well a linear classifier of patches finds the classes of masks: intersection over union, the mean "
        + "of all classes.",
      otherwise: "It may fall late in a long run while k-NN still rises: patches become alike."
    ) { _ in "rising" },
    Figure(
      [.neighbourStability], "The share of nearest neighbours that stayed since the probe before.",
      otherwise: "Near 1, little changes any more; a sudden fall is a change of what was learned."),
  ]
}
