import Settings

extension RecipeKeys {
  /// The keys of the groups that the official code does not have.
  static let ours: [RecipeKey] = (objective + data + distillation + probe + session + notify)
    .map(\.ours)

  private static let noRate = "objective.kind is not coding_rate"
  private static let noFeatures = "objective.kind is not features"

  private static let objective: [RecipeKey] = [
    .choice(
      "objective.kind", \.objective.kind,
      "dinov2: prototypes; coding_rate: unit vectors (SimDINO); features: a frozen teacher's"),
    .float(
      "objective.coding_rate_eps", \.objective.codingRateEps, .above(0, to: 100),
      "distortion up to which features are coded"
    ).unused(noRate) { $0.objective.kind != .codingRate },
    .float(
      "objective.coding_rate_weight", \.objective.codingRateWeight, .atLeast(0),
      "weight of the coding rate beside the cosines"
    ).unused(noRate) { $0.objective.kind != .codingRate },
    .float(
      "objective.features_cosine_weight", \.objective.featuresCosineWeight, .atLeast(0),
      "weight of one less the cosine of predicted and standardised features"
    ).unused(noFeatures) { $0.objective.kind != .features },
    .float(
      "objective.features_smooth_l1_weight", \.objective.featuresSmoothL1Weight, .atLeast(0),
      "weight of their mean smooth L1 distance"
    ).unused(noFeatures) { $0.objective.kind != .features },
  ]

  private static let noColours = "data.channels is not 3"

  private static let data: [RecipeKey] = [
    .text(
      "data.path", \.data.path,
      "folder, list or archives of images, relative to this file; embedded: built-in textures"),
    .text(
      "data.eval_path", \.data.evalPath,
      "labelled images for the probe, as data.path; empty: hold out a part of data.path"),
    .float(
      "data.hold_out", \.data.holdOut, .from(0, to: 0.5),
      "share of images without labels that only the probe sees; of labelled ones a tenth"
    ).unused("data.path is embedded") { $0.data.isEmbedded },
    .int(
      "data.embedded_size", \.data.embeddedSize, .from(8, to: 4096),
      "side of an embedded image, pixels"
    ).unused("data.path is a folder") { !$0.data.isEmbedded },
    .int(
      "data.embedded_images", \.data.embeddedImages, .from(1, to: 1_000_000_000),
      "embedded images in one pass"
    ).unused("data.path is a folder") { !$0.data.isEmbedded },
    .int(
      "data.channels", \.data.channels, .from(1, to: 1024),
      "channels of an image; 3: red, green and blue; any other number is read with all its bits"),
    .floats(
      "data.range_min", \.data.rangeMin, .any,
      "sample of each channel that becomes 0; empty: the least of the file's type"),
    .floats(
      "data.range_max", \.data.rangeMax, .any,
      "sample of each channel that becomes 1; empty: the greatest of the file's type"),
    .floats(
      "data.mean", \.data.mean, .from(0, to: 1),
      "mean of each channel, subtracted from each pixel"),
    .floats(
      "data.std", \.data.std, .above(0, to: 1),
      "standard deviation of each channel, by which pixels are then divided"),
    .float(
      "data.flip_probability", \.data.flipProbability, .from(0, to: 1),
      "chance that a crop is mirrored"),
    .float(
      "data.vertical_flip_probability", \.data.verticalFlipProbability, .from(0, to: 1),
      "chance that a crop is turned upside down, for images that have no up and down"),
    .bool(
      "data.quarter_turns", \.data.quarterTurns,
      "turn each crop by 0, 90, 180 or 270 degrees, each as often"),
    .float(
      "data.hed_jitter_probability", \.data.hedJitterProbability, .from(0, to: 1),
      "chance that a crop's stains of haematoxylin, eosin and DAB are shifted, for histology"
    ).unused(noColours) { !$0.data.hasColours },
    .float(
      "data.hed_jitter", \.data.hedJitter, .from(0, to: 1),
      "largest shift of each stain in either direction; 0.05 is light, 0.2 is strong"
    ).unused("data.hed_jitter_probability is 0") { $0.data.hedJitterProbability == 0 },
    .float(
      "data.channel_drop_probability", \.data.channelDropProbability, .from(0, to: 1),
      "chance of each channel of a crop to be replaced by its mean; one always stays"
    ).unused("data.channels is 1") { $0.data.channels == 1 },
    .float(
      "data.jitter_probability", \.data.jitterProbability, .from(0, to: 1),
      "chance that a crop's colours are jittered"),
    .float(
      "data.brightness", \.data.brightness, .from(0, to: 100), "jitter: a factor of 1 +/- this"),
    .float("data.contrast", \.data.contrast, .from(0, to: 100), "jitter: a factor of 1 +/- this"),
    .float(
      "data.saturation", \.data.saturation, .from(0, to: 100), "jitter: a factor of 1 +/- this"
    ).unused(noColours) { !$0.data.hasColours },
    .float(
      "data.hue", \.data.hue, .from(0, to: 0.5),
      "jitter: largest shift of hue in either direction, as a share of the colour circle"
    ).unused(noColours) { !$0.data.hasColours },
    .float(
      "data.grey_probability", \.data.greyProbability, .from(0, to: 1),
      "chance that a crop is made grey"
    ).unused(noColours) { !$0.data.hasColours },
    .float(
      "data.solarise_probability", \.data.solariseProbability, .from(0, to: 1),
      "chance that the second global crop has its light values inverted"
    ).unused(noColours) { !$0.data.hasColours },
    .choice(
      "data.blur", \.data.blur,
      "paper: crop 1 always, crop 2 at 0.1; official: never, at 0.9; locals at 0.5 in both"),
    .pair(
      "data.blur_sigma_min_max", \.data.blurSigmaMin, \.data.blurSigmaMax,
      .from(0.01, to: 1000),
      "sigma of the blur, pixels"
    ).unused("data.blur is none") { $0.data.blur == .none },
    .bool(
      "data.scaled_decoding", \.data.scaledDecoding,
      "decode a JPEG at 1/2, 1/4 or 1/8 of its size if no crop has to be enlarged for it"),
  ]

  private static let distillation: [RecipeKey] = [
    .text(
      "distillation.teacher", \.distillation.teacher,
      "frozen teacher: a run, RUN@STEP or weights; empty: the student's own average"),
    .text(
      "distillation.teacher_arch", \.distillation.teacherArch,
      "which student, if the teacher is a distillation with several; empty: it has one"
    ).unused("distillation.teacher is empty") { !$0.isDistilled },
    .words(
      "distillation.arch", \.distillation.arch,
      of: Recipe.Architecture.names.filter { $0 != "custom" },
      "students trained together on the same teacher outputs; empty: student.arch"
    ).unused("distillation.teacher is empty") { !$0.isDistilled },
  ]

  private static let noProbe = "probe.every is 0"

  private static let probe: [RecipeKey] = [
    .int(
      "probe.every", \.probe.every, .from(0, to: 1_000_000_000),
      "steps between two probes of the teacher, or a distillation's students; 0: off"),
    .int(
      "probe.k", \.probe.k, .from(1, to: 100_000), "neighbours that vote"
    ).unused(noProbe) { $0.probe.every == 0 },
    .float(
      "probe.temperature", \.probe.temperature, .above(0), "how fast a vote fades with distance"
    ).unused(noProbe) { $0.probe.every == 0 },
    .int(
      "probe.train_images", \.probe.trainImages, .from(1, to: 10_000_000),
      "labelled images to search for neighbours, at most"
    ).unused(noProbe) { $0.probe.every == 0 },
    .int(
      "probe.test_images", \.probe.testImages, .from(1, to: 10_000_000),
      "held-out images to classify and to score, at most"
    ).unused(noProbe) { $0.probe.every == 0 },
    .bool(
      "probe.linear", \.probe.linear,
      "also train a linear classifier of the features, where there are labels"
    ).unused(noProbe) { $0.probe.every == 0 },
    .bool(
      "probe.label_free", \.probe.labelFree,
      "also score features without labels: RankMe, LiDAR, alpha-ReQ, patches, stability"
    ).unused(noProbe) { $0.probe.every == 0 },
    .text(
      "probe.masks_path", \.probe.masksPath,
      "folder with images/ and masks/, to classify patches by a mask's classes; empty: none"
    ).unused(noProbe) { $0.probe.every == 0 },
    .int(
      "probe.pictures", \.probe.pictures, .from(0, to: 32),
      "images whose patches are shown by their principal components; needs label_free; 0: none"
    ).unused(noProbe) { $0.probe.every == 0 || !$0.probe.labelFree },
  ]

  private static let session: [RecipeKey] = [
    .text(
      "session.name", \.session.name, "the run's name; empty: the recipe's file name",
      problem: Recipe.problem(ofRunName:)),
    .int(
      "session.checkpoint_every", \.session.checkpointEvery, .from(1, to: 1_000_000_000),
      "steps between two checkpoints"),
    .int(
      "session.checkpoint_keep", \.session.checkpointKeep, .from(1, to: 1_000_000),
      "newest checkpoints to keep, not counting the named ones"),
    .int(
      "session.checkpoint_keep_every", \.session.checkpointKeepEvery, .from(0, to: 1_000_000_000),
      "keep each checkpoint whose step is a multiple of this; 0: none"),
    .int(
      "session.checkpoint_keep_best", \.session.checkpointKeepBest, .from(0, to: 1_000_000),
      "checkpoints to keep because the probe found them best"),
    .choice(
      "session.checkpoint_best_by", \.session.checkpointBestBy,
      "what is best; label_free: mean rank of dense, rank_me, lidar; auto: knn, else that"
    ),
    .int(
      "session.early_stop_patience", \.session.earlyStopPatience, .from(0, to: 1_000_000),
      "stop after so many probes without a better one; 0: never"),
    .int(
      "session.threads", \.session.threads, .from(0, to: 1024),
      "compute threads; 0: one per core"),
    .bool(
      "session.tensorboard", \.session.tensorboard,
      "write event files for TensorBoard below the run's folder, in tensorboard/"),
    .int(
      "session.prometheus", \.session.prometheus, .from(0, to: 65_535),
      "port of 127.0.0.1 that serves the metrics to Prometheus, such as 9464; 0: none"),
  ]
}

extension Recipe {
  /// Returns what is wrong with the name of a run; `nil` if it is valid. The name is a folder's name, an
  /// argument on command lines, and part of a socket's path.
  package static func problem(ofRunName name: String) -> String? {
    let fits = name.utf8.count <= 64 && name.first != "." && name.first != "-"
    return fits && name.unicodeScalars.allSatisfy(Recipe.isNameScalar)
      ? nil : "must be up to 64 of a-z A-Z 0-9 . _ -, and not begin with . or -"
  }
}
