/// A quantity that a run measures. Its raw value is its name in recipes, on the wire, in the
/// database and on the screen.
///
/// Metrics that the official DINOv2 log has keep the names they have there.
package enum Metric: String, CaseIterable, Codable, Sendable, CodingKeyRepresentable {
  // losses, as in the official log (KoLeo and iBOT halved)
  case totalLoss = "total_loss"
  case dinoLocalCropsLoss = "dino_local_crops_loss"
  case dinoGlobalCropsLoss = "dino_global_crops_loss"
  case koleoLoss = "koleo_loss"
  case ibotLoss = "ibot_loss"
  // of the coding-rate objective, whose other losses are negative cosines
  case codingRateLoss = "coding_rate_loss"

  // gradient norms before clipping, one for each sub-module
  case gradNormBackbone = "grad_norm_backbone"
  case gradNormDinoHead = "grad_norm_dino_head"
  case gradNormIbotHead = "grad_norm_ibot_head"

  // schedules, with the value that the step used
  case lr
  case lastLayerLr = "last_layer_lr"
  case weightDecay = "weight_decay"
  case momentumTeacher = "momentum_teacher"
  case teacherTemp = "teacher_temp"
  case koleoLossWeight = "koleo_loss_weight"
  case clipGrad = "clip_grad"
  case maskRatioMin = "mask_ratio_min"
  case maskRatioMax = "mask_ratio_max"

  // throughput
  case imagesPerSecond = "images_per_s"
  case gflops
  case timeStep = "time_step"
  case timeData = "time_data"
  case timeTeacher = "time_teacher"
  case timeStudent = "time_student"
  case timeBackward = "time_backward"
  case timeOptimiser = "time_optimiser"
  // of several processes: what process 0 waited for the others within these times, and what it sent
  case timeNetwork = "time_network"
  case bytesSent = "bytes_sent"

  // memory
  case memoryResident = "memory_resident"
  case memoryArena = "memory_arena"
  // of the machine: what is left, and for how many more checkpoints the disk has room
  case memoryAvailable = "memory_available"
  case diskCheckpoints = "disk_checkpoints"

  // progress
  case phase
  case phaseProgress = "phase_progress"
  case epoch
  case imagesSeen = "images_seen"
  case timeLeft = "time_left"

  // health
  case teacherEntropy = "teacher_entropy"
  case prototypesUsed = "prototypes_used"
  case effectiveRank = "effective_rank"
  case agreement
  case batchTwins = "batch_twins"
  case prototypesCopied = "prototypes_copied"
  // of the coding-rate objective, which has no prototypes
  case targetSpread = "target_spread"
  // how close a distillation's student is to its frozen teacher
  case prototypeAgreement = "prototype_agreement"
  case klCls = "kl_cls"
  case klPatches = "kl_patches"

  // evaluation
  case knnLearned = "knn_learned"
  case knnRawPixels = "knn_raw_pixels"
  case knnUntrained = "knn_untrained"
  case knnTeacher = "knn_teacher"
  case linearLearned = "linear_learned"
  // scores without labels
  case rankMe = "rank_me"
  case lidar
  case alphaReQ = "alpha_req"
  case codingRate = "coding_rate"
  case denseSeparation = "dense_separation"
  case denseDimensions = "dense_dimensions"
  case neighbourStability = "neighbour_stability"
  // by masks
  case segmentationMIoU = "segmentation_miou"
}

extension Metric {
  /// The metric's place among all, from 0.
  package var place: Int { Int(unsafeBitCast(self, to: UInt8.self)) }

  /// The number of metrics.
  package static let count = allCases.count

  // The hash of an enumeration's text is that of the text, unless it is told otherwise.
  package func hash(into hasher: inout Hasher) { hasher.combine(place) }
  package static func == (a: Metric, b: Metric) -> Bool { a.place == b.place }
}

extension Metric {
  /// The groups of metrics on the screen and in the documentation.
  package enum Group: String, CaseIterable, Sendable {
    case loss, gradient, schedule, throughput, memory, progress, health, evaluation
    case labelFree = "label_free"
  }

  /// The unit of a metric's values, by which the screen formats them.
  package enum Unit: String, Sendable {
    case plain = ""
    case fraction
    case seconds = "s"
    case bytes = "B"
    case perSecond = "/s"
    case gflops = "GFLOP/s"
    case nats
    case count
  }

  /// The group to which the metric belongs.
  package var group: Group {
    switch self {
    case .totalLoss, .dinoLocalCropsLoss, .dinoGlobalCropsLoss, .koleoLoss, .ibotLoss,
      .codingRateLoss:
      .loss
    case .gradNormBackbone, .gradNormDinoHead, .gradNormIbotHead: .gradient
    case .lr, .lastLayerLr, .weightDecay, .momentumTeacher, .teacherTemp, .koleoLossWeight,
      .clipGrad, .maskRatioMin, .maskRatioMax:
      .schedule
    case .imagesPerSecond, .gflops, .timeStep, .timeData, .timeTeacher, .timeStudent,
      .timeBackward, .timeOptimiser, .timeNetwork, .bytesSent:
      .throughput
    case .memoryResident, .memoryArena, .memoryAvailable, .diskCheckpoints: .memory
    case .phase, .phaseProgress, .epoch, .imagesSeen, .timeLeft: .progress
    case .teacherEntropy, .prototypesUsed, .effectiveRank, .agreement, .prototypeAgreement, .klCls,
      .klPatches, .batchTwins, .prototypesCopied, .targetSpread:
      .health
    case .knnLearned, .knnRawPixels, .knnUntrained, .knnTeacher, .linearLearned,
      .segmentationMIoU:
      .evaluation
    case .rankMe, .lidar, .alphaReQ, .codingRate, .denseSeparation, .denseDimensions,
      .neighbourStability:
      .labelFree
    }
  }

  /// The unit of the metric's values.
  package var unit: Unit {
    switch self {
    case .timeStep, .timeData, .timeTeacher, .timeStudent, .timeBackward, .timeOptimiser,
      .timeNetwork, .timeLeft:
      .seconds
    case .memoryResident, .memoryArena, .memoryAvailable, .bytesSent: .bytes
    case .imagesPerSecond: .perSecond
    case .gflops: .gflops
    case .teacherEntropy, .klCls, .klPatches: .nats
    case .phase, .imagesSeen, .effectiveRank, .rankMe, .lidar, .diskCheckpoints: .count
    case .phaseProgress, .prototypesUsed, .batchTwins, .prototypesCopied, .targetSpread, .agreement,
      .maskRatioMin, .maskRatioMax, .knnLearned, .knnRawPixels, .knnUntrained, .knnTeacher,
      .linearLearned, .segmentationMIoU, .prototypeAgreement, .codingRate,
      .denseDimensions, .neighbourStability:
      .fraction
    default: .plain
    }
  }

  /// The accuracies that a probe measures once, before the first step.
  package static let baselines: Set<Metric> = [.knnRawPixels, .knnUntrained, .knnTeacher]

  /// The schedules that `dino set` may change while a run goes on.
  package static let adjustable: [Metric] = [
    .lr, .weightDecay, .momentumTeacher, .teacherTemp, .koleoLossWeight, .clipGrad,
    .maskRatioMin, .maskRatioMax,
  ]
}
