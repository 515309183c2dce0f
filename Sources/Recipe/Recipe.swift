import Settings

/// A session recipe: everything that decides what a run computes.
///
/// The groups and keys are those of the official code's `ssl_default_config.yaml`. Dino adds the
/// groups `objective`, `data`, `distillation`, `probe` and `session`. `RecipeKeys.swift` lists every key with
/// its limits and its meaning. The defaults are the values below.
package struct Recipe: Sendable {
  package var dino = DinoLoss()
  package var ibot = IbotLoss()
  package var train = Train()
  package var student = Student()
  package var teacher = Teacher()
  package var optim = Optim()
  package var crops = CropSizes()
  package var data = DataSource()
  package var objective = Objective()
  package var distillation = Distillation()
  package var probe = Probe()
  package var session = Session()
  package var `guard` = Guard()
  package var notify = Notify()
  /// The resolution phases in order; empty if the whole run is one phase.
  package internal(set) var phases: [PhaseDefinition] = []

  /// Notices for the log about keys that were given but have no effect, with the reasons.
  package internal(set) var notices: [String] = []
  /// The place of each key that was given, by dotted name.
  package internal(set) var places: [String: SettingLocation] = [:]

  /// Creates a recipe of defaults.
  package init() {}
}

extension Recipe {
  /// The group `dino`: the image-level objective and its head.
  package struct DinoLoss: Sendable, Equatable {
    package var lossWeight = 1.0
    package var headNPrototypes = 65536
    package var headBottleneckDim = 256
    package var headNLayers = 3
    package var headHiddenDim = 2048
    package var koleoLossWeight = 0.1
    package var koleoCrops = KoLeoCrops.both
  }

  /// The global crops to which KoLeo applies.
  package enum KoLeoCrops: String, Sendable, CaseIterable {
    /// All first crops and all second crops, each group by itself, and the sum of both losses; as
    /// in the official code.
    case both
    /// Only the first crop of each image; as in the paper.
    case first
  }

  /// The group `ibot`: the patch-level objective and, if heads are untied, its head.
  package struct IbotLoss: Sendable, Equatable {
    package var lossWeight = 1.0
    package var maskSampleProbability = 0.5
    package var maskRatioMin = 0.1
    package var maskRatioMax = 0.5
    package var separateHead = false
    package var headNPrototypes = 65536
    package var headBottleneckDim = 256
    package var headNLayers = 3
    package var headHiddenDim = 2048
  }

  /// How the teacher's targets are centred.
  package enum Centering: String, Sendable, CaseIterable {
    case centering
    case sinkhornKnopp = "sinkhorn_knopp"
  }

  /// The precision to which matrix products round their factors.
  package enum ComputePrecision: String, Sendable, CaseIterable {
    /// bf16 if the processor has units for it, otherwise fp32.
    case auto
    case bf16, fp32
  }

  /// How parameters, gradients and moments are divided among the processes of a run, by the official
  /// names. The result does not depend on it.
  package enum ShardingStrategy: String, Sendable, CaseIterable {
    /// Every process has all of them.
    case noShard = "NO_SHARD"
    /// Each owns a part. Parameters are gathered for a step, and gradients reduced unit by unit.
    case shardGradOp = "SHARD_GRAD_OP"
    /// Each owns a part. The parameters of a block are gathered before it is computed.
    case fullShard = "FULL_SHARD"
  }

  /// How numbers are sent between processes.
  package enum SentDtype: String, Sendable, CaseIterable {
    case fp32, bf16
  }

  /// The group `train`: batches, seed, threads and precision.
  package struct Train: Sendable, Equatable {
    package var batchSizePerGPU = 64
    /// The number of micro-batches whose gradients are averaged in a step.
    package var accumulationSteps = 1
    /// The number of ranks, each with a batch of its own, over which the method sums.
    package var world = 1
    /// How the processes that share the ranks divide the parameters.
    package var shardingStrategy = ShardingStrategy.noShard
    /// How processes send gathered parameters and reduced gradients.
    package var paramDtype = SentDtype.fp32
    package var reduceDtype = SentDtype.fp32
    package var seed = 0
    /// The number of threads that prepare crops; 0 to use one for each core.
    package var numWorkers = 0
    /// The number of steps that count as one epoch.
    package var officialEpochLength = 1250
    package var centering = Centering.centering
    package var computePrecision = ComputePrecision.auto
    package var recompute = false
  }

  /// The feed-forward layer of a block.
  package enum FFNLayer: String, Sendable, CaseIterable {
    case mlp, swiglu, swiglufused

    /// Whether the layer is SwiGLU. Both official names mean the same layer.
    package var isGated: Bool { self != .mlp }
  }

  /// The group `student`: the backbone. Width, depth and heads come from `arch`, unless given.
  package struct Student: Sendable, Equatable {
    package var arch = "vit_large"
    /// Sizes that replace those of `arch`; 0 to keep those of `arch`.
    package var embedDim = 0
    package var depth = 0
    package var numHeads = 0
    package var patchSize = 16
    package var dropPathRate = 0.3
    /// Whether every block has that rate. Otherwise the rates rise linearly from 0 to it.
    package var dropPathUniform = true
    package var layerscale = 1e-5
    package var ffnLayer = FFNLayer.mlp
    /// The number of groups of blocks in the names of exported tensors; 0 for no groups.
    package var blockChunks = 0
    package var numRegisterTokens = 0
    package var interpolateAntialias = false
    package var interpolateOffset = 0.1
    /// The weights from which a new run begins: a file, a folder or the name of a run; empty for
    /// random weights.
    package var pretrainedWeights = ""
  }

  /// The group `teacher`: momentum and temperature schedules.
  package struct Teacher: Sendable, Equatable {
    package var momentumTeacher = 0.992
    package var finalMomentumTeacher = 1.0
    package var warmupTeacherTemp = 0.04
    package var teacherTemp = 0.07
    package var warmupTeacherTempEpochs = 30.0
  }

  /// How the learning rate depends on the batch size.
  package enum ScalingRule: String, Sendable, CaseIterable {
    case sqrtWrt1024 = "sqrt_wrt_1024"
    /// Dino's addition: `base_lr` is the learning rate.
    case none
  }

  /// The group `optim`: the length of the run, and the optimiser.
  package struct Optim: Sendable, Equatable {
    package var epochs = 100.0
    package var weightDecay = 0.04
    package var weightDecayEnd = 0.4
    package var baseLr = 0.004
    package var warmupEpochs = 10.0
    package var minLr = 1e-6
    package var clipGrad = 3.0
    /// How many times its median a gradient's norm may be; the step is skipped above. 0 to skip none.
    package var skipStepFactor = 0.0
    package var freezeLastLayerEpochs = 1.0
    /// Whether the backbone rests while the heads learn.
    package var freezeBackbone = false
    /// The first blocks that do not learn, nor does the embedding before them; 0 if all learn.
    package var freezeBlocks = 0
    package var scalingRule = ScalingRule.sqrtWrt1024
    package var patchEmbedLrMult = 0.2
    package var layerwiseDecay = 0.9
    package var adamwBeta1 = 0.9
    package var adamwBeta2 = 0.999
  }

  /// The group `crops`. Scales are fractions of the image's area, sizes are in pixels.
  package struct CropSizes: Sendable, Equatable {
    package var globalCropsScaleMin = 0.32
    package var globalCropsScaleMax = 1.0
    package var localCropsNumber = 8
    package var localCropsScaleMin = 0.05
    package var localCropsScaleMax = 0.32
    package var globalCropsSize = 224
    package var localCropsSize = 96
  }

  /// The blur probabilities: as in the paper, as in the official code, or none.
  package enum Blur: String, Sendable, CaseIterable {
    /// As described in the paper: first global crop 1, second 0.1, local crops 0.5.
    case paper
    /// As computed by the official code: first global crop 0, second 0.9, local crops 0.5.
    case official
    case none
  }

  /// The group `data`, Dino's addition: the images and their augmentation.
  package struct DataSource: Sendable, Equatable {
    /// `embedded` for the procedural textures inside the program, otherwise a folder.
    package var path = "embedded"
    /// A labelled folder for the probe. If it is empty and `path` has labels, a part of `path` is
    /// held out.
    package var evalPath = ""
    /// The share of images without labels that is held out for the probe.
    package var holdOut = 0.0
    /// For the embedded source: the side of its images in pixels, and the number of images in one
    /// pass.
    package var embeddedSize = 64
    package var embeddedImages = 20_000
    /// The channels of an image that the network is given; 3 for red, green and blue.
    package var channels = 3
    /// For each channel the sample that becomes 0, and the one that becomes 1. Both are empty to
    /// scale by the type of each file's samples.
    package var rangeMin: [Double] = []
    package var rangeMax: [Double] = []
    /// The mean and the standard deviation of each channel, for values in 0 … 1.
    package var mean = [0.485, 0.456, 0.406]
    package var std = [0.229, 0.224, 0.225]
    package var flipProbability = 0.5
    package var verticalFlipProbability = 0.0
    package var quarterTurns = false
    package var hedJitterProbability = 0.0
    package var hedJitter = 0.05
    package var channelDropProbability = 0.0
    package var jitterProbability = 0.8
    package var brightness = 0.4
    package var contrast = 0.4
    package var saturation = 0.2
    package var hue = 0.1
    package var greyProbability = 0.2
    package var solariseProbability = 0.2
    package var blur = Blur.paper
    package var blurSigmaMin = 0.1
    package var blurSigmaMax = 2.0
    package var scaledDecoding = true
  }

  /// The group `distillation`, Dino's addition: a frozen teacher instead of the student's moving
  /// average.
  package struct Distillation: Sendable, Equatable {
    /// The teacher: a run, `RUN@STEP`, or weights with heads; empty if this is not a distillation.
    package var teacher = ""
    /// The student to use, if the teacher is a distillation with several students.
    package var teacherArch = ""
    /// The students that share the teacher's forward pass; empty for one, as `student` describes
    /// it.
    package var arch: [String] = []
  }
}
