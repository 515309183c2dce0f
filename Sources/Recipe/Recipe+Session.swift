extension Recipe {
  /// The group `probe`, Dino's addition: how good the teacher's features are, by k-NN on held-out
  /// labelled images and by scores that need no labels.
  package struct Probe: Sendable, Equatable {
    /// Steps between two probes; 0 for no probes.
    package var every = 500
    package var k = 20
    package var temperature = 0.07
    /// The largest number of labelled images that vote, and of held-out images.
    package var trainImages = 2000
    package var testImages = 1000
    /// Whether a linear classifier of the features is trained, where there are labels.
    package var linear = true
    /// Whether scores that need no labels are measured.
    package var labelFree = true
    /// A folder of images and masks, by which patches are classified; empty for none.
    package var masksPath = ""
    /// The number of images of which pictures are made at each probe.
    package var pictures = 8
  }

  /// The group `session`, Dino's addition: the run's name, checkpoints and threads.
  package struct Session: Sendable, Equatable {
    /// The run's name; empty to use the name of the recipe's file.
    package var name = ""
    /// Steps between two checkpoints, and the number of unnamed ones that are kept.
    package var checkpointEvery = 1000
    package var checkpointKeep = 3
    /// Of which steps checkpoints are kept for ever: multiples of this; 0 for none.
    package var checkpointKeepEvery = 0
    /// The number of checkpoints that are kept because the probe found them best.
    package var checkpointKeepBest = 1
    /// What the best checkpoint is.
    package var checkpointBestBy = BestBy.auto
    /// The number of probes without a better one after which the run stops; 0 for never.
    package var earlyStopPatience = 0
    /// The number of compute threads; 0 to use one for each core.
    package var threads = 0
    /// Whether event files for TensorBoard are written.
    package var tensorboard = false
    /// The port of 127.0.0.1 that serves the metrics to Prometheus; 0 for none.
    package var prometheus = 0
  }

  /// What the best checkpoint is ranked by.
  package enum BestBy: String, Sendable, CaseIterable {
    /// k-NN if there are labels, else `label_free`.
    case auto
    /// The accuracy by k-NN.
    case knn
    /// The accuracy of a linear classifier.
    case linear
    /// The mean rank by dense scores, RankMe and LiDAR.
    case labelFree = "label_free"
    /// The mean intersection over union of patches, by `probe.masks_path`.
    case segmentation
    case rankMe = "rank_me"
    case lidar
    /// DSE, the score of patches.
    case dense
  }
}
