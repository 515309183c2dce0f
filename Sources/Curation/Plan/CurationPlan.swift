import Settings

/// What to do with a heap of images: which they are, and the thresholds of each stage.
///
/// Each group of keys is a stage's, so a stage's results depend on its own group and on the stages
/// before it; see `StageName`.
package struct CurationPlan: Sendable {
  /// The pool: the folder of what is known about the images.
  package struct Pool: Sendable {
    package var name = ""
    package var seed = 0
    package var workers = 0
  }

  /// Which images are fetched from the web, and how.
  package struct Crawl: Sendable {
    package var sources: [String] = []
    package var pagesURL = ""
    package var contact = ""
    package var agent = "dino"
    package var allowedDomains: [String] = []
    package var deniedDomains: [String] = []
    package var allowedPaths: [String] = []
    package var deniedPaths: [String] = []
    package var ports = [80, 443]
    package var minBytes = 1
    package var maxBytes = 16 << 20
    package var connections = 64
    package var perHost = 2
    package var delay = 1.0
    package var timeout = 30.0
    package var tries = 3
    package var redirects = 5
  }

  /// Which images there are.
  package struct Index: Sendable {
    package var sources: [String] = []
  }

  /// Rules by which a picture is dropped on its own.
  package struct Filter: Sendable {
    package var minSide = 64
    package var maxAspect = 4.0
    package var minEntropy = 1.0
    package var maxOneColour = 0.95
    package var minSharpness = 0.0
    package var maxText = 1.0
    package var scores = ""
    package var maxScore = 0.5
  }

  /// The features by which pictures are compared.
  package struct Embed: Sendable {
    package var weights = ""
    package var size = 0
    package var batch = 16
  }

  /// Which images are like examples of the unwanted.
  package struct Probe: Sendable {
    package var positive: [String] = []
    package var negative: [String] = []
    package var maxScore = 0.5
  }

  /// Which components lose all members but one.
  package struct Duplicates: Sendable {
    package var bits = 128
    package var sample = 20_000
    package var distance = 6
    package var correlation = 0.85
    package var turned = true
    package var thumbnails = false
    package var thumbnailScore = 0.5
    package var parts = true
    package var partsScore = 0.7
    /// Whether the features of `embed.weights` tell copies. Those of a backbone do not: they are near
    /// for pictures of the same kind.
    package var features = false
    package var threshold = 0.6
    package var neighbours = 64
    package var link = ComponentLink.chain
  }

  /// Which images may not be in the result, since models are judged by them.
  package struct Decontaminate: Sendable {
    package var sets: [String] = []
    package var threshold = 0.45
  }

  /// Which images are like examples.
  package struct Retrieve: Sendable {
    package var queries: [String] = []
    package var neighbours = 4
    package var clusters = 0
    package var perCluster = 10_000
    package var minQueries = 4
    package var most = 1_000_000
  }

  /// How many images are drawn from clusters.
  package struct Balance: Sendable {
    package var clusters: [Int] = []
    package var target = 0
    package var iterations = 20
    package var resamplings = 10
  }

  /// What becomes of the images that are kept.
  package struct Apply: Sendable {
    package var form = ResultForm.list
    package var to = ""
    package var blur = ""
  }

  package var pool = Pool()
  package var crawl = Crawl()
  package var index = Index()
  package var filter = Filter()
  package var embed = Embed()
  package var probe = Probe()
  package var duplicates = Duplicates()
  package var decontaminate = Decontaminate()
  package var retrieve = Retrieve()
  package var balance = Balance()
  package var apply = Apply()

  /// The absolute path of the file that it was read from; empty if it was not.
  package var file = ""
  /// The places of the keys that were given.
  var places: [String: SettingLocation] = [:]

  /// A plan with the defaults of all keys.
  package init() {}
}

/// Which members of a component are dropped.
package enum ComponentLink: String, CaseIterable, Sendable {
  /// All but the one kept, as in the paper.
  case chain
  /// Only those that are above the threshold to the one kept.
  case star
}

/// The form of a curation's result.
package enum ResultForm: String, CaseIterable, Sendable {
  /// A list file alone.
  case list
  /// A folder of symbolic links, beside the list.
  case links
  /// A folder of copies, beside the list.
  case copies
}
