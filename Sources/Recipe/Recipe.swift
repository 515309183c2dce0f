/// A session recipe: everything that decides what a run computes.
///
/// The groups and keys are those of the official code's `ssl_default_config.yaml`; what Dino adds
/// stands under `data`, `distillation`, `probe` and `session`. `RecipeKeys.swift` lists every key with its limits
/// and what it means; the defaults are the values below.
package struct Recipe: Sendable {
  package var dino = DinoLoss()
  package var ibot = IbotLoss()
  package var train = Train()
  package var student = Student()
  package var teacher = Teacher()
  package var optim = Optim()
  package var crops = CropSizes()
  package var data = DataSource()
  package var distillation = Distillation()
  package var probe = Probe()
  package var session = Session()
  /// Resolution phases, one after the other; empty: the whole run is one.
  package internal(set) var phases: [PhaseDefinition] = []

  /// What a reader of the log should know: keys that were given and have no effect, and why.
  package internal(set) var notices: [String] = []
  /// Where each key that was given came from, by its dotted name.
  package internal(set) var places: [String: RecipePlace] = [:]

  package init() {}
}

extension Recipe {
  /// `dino`: the image-level objective and its head.
  package struct DinoLoss: Sendable, Equatable {
    package var lossWeight = 1.0
    package var headNPrototypes = 65536
    package var headBottleneckDim = 256
    package var headNLayers = 3
    package var headHiddenDim = 2048
    package var koleoLossWeight = 0.1
    package var koleoCrops = KoLeoCrops.both
  }

  /// Which global crops KoLeo spreads.
  package enum KoLeoCrops: String, Sendable, CaseIterable {
    /// The sum over both, each among its own kind: the official code.
    case both
    /// The first of every image alone: the paper.
    case first
  }

  /// `ibot`: the patch-level objective and, where heads are untied, its head.
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

  /// What matrix products round their factors to.
  package enum ComputePrecision: String, Sendable, CaseIterable {
    /// bf16 where the processor has units for it, else fp32.
    case auto
    case bf16, fp32
  }

  /// `train`
  package struct Train: Sendable, Equatable {
    package var batchSizePerGPU = 64
    /// Batches whose gradients are averaged before the optimiser's step.
    package var accumulationSteps = 1
    package var seed = 0
    /// Threads that prepare crops; 0: as many as the machine has cores.
    package var numWorkers = 0
    /// Iterations that count as one epoch.
    package var officialEpochLength = 1250
    package var centering = Centering.centering
    package var computePrecision = ComputePrecision.auto
    package var recompute = false
  }

  /// The feed-forward layer of a block.
  package enum FFNLayer: String, Sendable, CaseIterable {
    case mlp, swiglu, swiglufused

    /// Both official names of the gated layer mean the same layer.
    package var isGated: Bool { self != .mlp }
  }

  /// `student`: the backbone. Width, depth and heads come from `arch`, unless given.
  package struct Student: Sendable, Equatable {
    package var arch = "vit_large"
    /// 0: as `arch` has it.
    package var embedDim = 0
    package var depth = 0
    package var numHeads = 0
    package var patchSize = 16
    package var dropPathRate = 0.3
    /// Whether every block drops at that rate; else rates grow in a line from 0 to it.
    package var dropPathUniform = true
    package var layerscale = 1e-5
    package var ffnLayer = FFNLayer.mlp
    /// Groups of blocks in the names of exported tensors; 0: none.
    package var blockChunks = 0
    package var numRegisterTokens = 0
    package var interpolateAntialias = false
    package var interpolateOffset = 0.1
    /// Weights that a new run begins with: a file, a folder or a run's name; empty: random ones.
    package var pretrainedWeights = ""
  }

  /// `teacher`: momentum and temperature schedules.
  package struct Teacher: Sendable, Equatable {
    package var momentumTeacher = 0.992
    package var finalMomentumTeacher = 1.0
    package var warmupTeacherTemp = 0.04
    package var teacherTemp = 0.07
    package var warmupTeacherTempEpochs = 30.0
  }

  /// How the learning rate follows the batch size.
  package enum ScalingRule: String, Sendable, CaseIterable {
    case sqrtWrt1024 = "sqrt_wrt_1024"
    /// Ours: `base_lr` is the rate.
    case none
  }

  /// `optim`
  package struct Optim: Sendable, Equatable {
    package var epochs = 100.0
    package var weightDecay = 0.04
    package var weightDecayEnd = 0.4
    package var baseLr = 0.004
    package var warmupEpochs = 10.0
    package var minLr = 1e-6
    package var clipGrad = 3.0
    package var freezeLastLayerEpochs = 1.0
    package var scalingRule = ScalingRule.sqrtWrt1024
    package var patchEmbedLrMult = 0.2
    package var layerwiseDecay = 0.9
    package var adamwBeta1 = 0.9
    package var adamwBeta2 = 0.999
  }

  /// `crops`: scales are fractions of the image's area, sizes are pixels.
  package struct CropSizes: Sendable, Equatable {
    package var globalCropsScaleMin = 0.32
    package var globalCropsScaleMax = 1.0
    package var localCropsNumber = 8
    package var localCropsScaleMin = 0.05
    package var localCropsScaleMax = 0.32
    package var globalCropsSize = 224
    package var localCropsSize = 96
  }

  /// Which of the two readings of the blur probability is used.
  package enum Blur: String, Sendable, CaseIterable {
    /// As the paper means it: crop 1 always, crop 2 at 0.1, local crops 0.5.
    case paper
    /// As the official code computes it: crop 1 never, crop 2 at 0.9, local crops 0.5.
    case official
    case none
  }

  /// `data` (ours): the images and how they are augmented.
  package struct DataSource: Sendable, Equatable {
    /// `embedded`: the procedural textures inside the program; else a folder.
    package var path = "embedded"
    /// A labelled folder for the probe; empty: a part of `path` is held out where it has labels.
    package var evalPath = ""
    /// Embedded source alone: side of its images in pixels, and how many make one pass.
    package var embeddedSize = 64
    package var embeddedImages = 20_000
    package var mean = [0.485, 0.456, 0.406]
    package var std = [0.229, 0.224, 0.225]
    package var flipProbability = 0.5
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

  /// `distillation` (ours): a frozen teacher in the place of the student's own average.
  package struct Distillation: Sendable, Equatable {
    /// A run, `RUN@STEP`, or weights with heads; empty: the average of the student teaches it.
    package var teacher = ""
    /// Which of the teacher's students, where it is a distillation that has several.
    package var teacherArch = ""
    /// Students that share the teacher's forward pass; empty: one, as `student` describes it.
    package var arch: [String] = []
  }

  /// `probe` (ours): k-NN accuracy of the teacher on held-out labelled images.
  package struct Probe: Sendable, Equatable {
    /// Steps between two probes; 0: none.
    package var every = 500
    package var k = 20
    package var temperature = 0.07
    /// Labelled images that vote, and images that are judged, at most.
    package var trainImages = 2000
    package var testImages = 1000
  }

  /// `session` (ours): how the run is kept.
  package struct Session: Sendable, Equatable {
    /// The run's name; empty: the recipe's file name.
    package var name = ""
    /// Steps between two checkpoints, and how many unnamed ones are kept.
    package var checkpointEvery = 1000
    package var checkpointKeep = 3
    /// Threads that compute; 0: as many as the machine has cores.
    package var threads = 0
  }
}
