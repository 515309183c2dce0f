import Settings

/// A key of a plan. A new one needs a line in the table below and a field in `CurationPlan`.
package typealias CurationKey = Setting<CurationPlan>

/// The keys of plans.
package enum CurationKeys {
  /// All keys, in the order in which a plan is written.
  package static let all =
    pool + crawl + index + filter + embed + probe + duplicates + decontaminate + retrieve + balance
    + apply

  /// The groups, in the order of `all`.
  package static let groups: [String] = all.reduce(into: []) { groups, key in
    if groups.last != key.group { groups.append(key.group) }
  }

  static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  private static let pool: [CurationKey] = [
    .text("pool.name", \.pool.name, "name of the pool; by default that of the file"),
    .int("pool.seed", \.pool.seed, .atLeast(0), "seed of everything that is drawn"),
    .int(
      "pool.num_workers", \.pool.workers, .from(0, to: 1024),
      "threads that decode and compare; 0: one for each processor"),
  ]

  private static let index: [CurationKey] = [
    .texts(
      "index.sources", \.index.sources,
      "folders, lists and archives of images, relative to this file")
  ]

  private static let filter: [CurationKey] = [
    .int(
      "filter.min_side", \.filter.minSide, .atLeast(1), "shortest side that is kept, in pixels"),
    .float(
      "filter.max_aspect", \.filter.maxAspect, .atLeast(1),
      "largest ratio of the sides that is kept"),
    .float(
      "filter.min_entropy", \.filter.minEntropy, .from(0, to: 8),
      "least entropy of the grey values, in bits; blank pictures have less"),
    .float(
      "filter.max_one_colour", \.filter.maxOneColour, .from(0, to: 1),
      "largest share of pixels of one colour"),
    .float(
      "filter.min_sharpness", \.filter.minSharpness, .atLeast(0),
      "least standard deviation of the Laplacian; blurred pictures have less; 0: any"),
    .float(
      "filter.max_text", \.filter.maxText, .from(0, to: 1),
      "largest share of lettering in one colour, of what is not plain ground; pictures of text alone have "
        + "0.85 or more; 1: any"),
    .text(
      "filter.scores", \.filter.scores,
      "CSV file of file,score, such as of a classifier; empty: none"),
    .float(
      "filter.max_score", \.filter.maxScore, .any, "largest score that is kept"
    ).unused("filter.scores is empty") { $0.filter.scores.isEmpty },
  ]

  private static let embed: [CurationKey] = [
    .text(
      "embed.weights", \.embed.weights,
      "run, checkpoint or file of weights whose class tokens are compared; empty: hashes alone"),
    .int(
      "embed.size", \.embed.size, .from(0, to: 4096),
      "side of the images for these weights, in pixels; 0: what the weights say"
    ).unused("embed.weights is empty") { $0.embed.weights.isEmpty },
    .int("embed.batch", \.embed.batch, .from(1, to: 4096), "images computed at once"),
  ]

  private static let probe: [CurationKey] = [
    .texts(
      "probe.positive", \.probe.positive,
      "examples of what is unwanted, such as unsafe pictures; empty: none is dropped"),
    .texts("probe.negative", \.probe.negative, "examples of what is not"),
    .float(
      "probe.max_score", \.probe.maxScore, .from(0, to: 1),
      "largest probability of being unwanted that is kept; curve.csv of the pool says what it drops"
    ).unused("probe.positive is empty") { $0.probe.positive.isEmpty },
  ]

  private static let duplicates: [CurationKey] = [
    .int(
      "duplicates.hash_bits", \.duplicates.bits, .from(32, to: 512),
      "bits of the PCA hash: signs of a grey thumbnail's principal components"),
    .int(
      "duplicates.hash_sample", \.duplicates.sample, .from(2, to: 1_000_000),
      "images from which the components are computed, at most"),
    .int(
      "duplicates.hash_distance", \.duplicates.distance, .from(0, to: 512),
      "bits in which the hashes of two copies differ, at most"),
    .float(
      "duplicates.hash_correlation", \.duplicates.correlation, .from(-1, to: 1),
      "least correlation of the thumbnails of two such copies, without their coarse parts"),
    .bool(
      "duplicates.turned", \.duplicates.turned, "compare mirrored and turned pictures, too"),
    .bool(
      "duplicates.thumbnails", \.duplicates.thumbnails,
      "find copies that are shifted a little, tinted or of another contrast; for many small pictures"
    ),
    .float(
      "duplicates.thumbnail_score", \.duplicates.thumbnailScore, .from(-1, to: 1),
      "how well two such agree, laid on each other, and more than other pictures do, at least"
    ).unused("duplicates.thumbnails is false") { !$0.duplicates.thumbnails },
    .bool(
      "duplicates.parts", \.duplicates.parts,
      "find copies that are a part of another picture, turned or framed; 23 kB of disk an image"),
    .float(
      "duplicates.parts_score", \.duplicates.partsScore, .from(0, to: 1),
      "how well two such pictures agree where one lies on the other, at least"
    ).unused("duplicates.parts is false") { !$0.duplicates.parts },
    .bool(
      "duplicates.features", \.duplicates.features,
      "find copies by the features of embed.weights; only for those of dinod descriptor or the like"
    ),
    .float(
      "duplicates.threshold", \.duplicates.threshold, .from(-1, to: 1),
      "least cosine of the features of two copies"
    ).unused("duplicates.features is false") { !$0.duplicates.features },
    .int(
      "duplicates.neighbours", \.duplicates.neighbours, .from(1, to: 1024),
      "nearest neighbours of each image that are looked at"),
    .choice(
      "duplicates.link", \.duplicates.link,
      "chain: a component keeps one image; star: also those unlike the one it keeps"),
  ]

  private static let decontaminate: [CurationKey] = [
    .texts(
      "decontaminate.sets", \.decontaminate.sets,
      "evaluation sets; images like any of theirs are dropped, with their whole component"),
    .float(
      "decontaminate.threshold", \.decontaminate.threshold, .from(-1, to: 1),
      "least cosine of the features of an image and its likeness in an evaluation set"
    ).unused("duplicates.features is false") { !$0.duplicates.features },
  ]

  private static let retrieve: [CurationKey] = [
    .texts(
      "retrieve.queries", \.retrieve.queries,
      "sets of examples; only images like them are kept; empty: all"),
    .int(
      "retrieve.neighbours", \.retrieve.neighbours, .from(0, to: 1024),
      "images that each example brings in; 0: none"),
    .int(
      "retrieve.clusters", \.retrieve.clusters, .from(0, to: 1_000_000),
      "clusters of the images, of which those with enough examples are taken; 0: none"),
    .int(
      "retrieve.per_cluster", \.retrieve.perCluster, .atLeast(1),
      "images taken from such a cluster, at most"),
    .int(
      "retrieve.min_queries", \.retrieve.minQueries, .atLeast(1),
      "examples that make a cluster one of those"),
    .int("retrieve.most", \.retrieve.most, .atLeast(1), "images that a set brings in, at most"),
  ]

  private static let balance: [CurationKey] = [
    .ints(
      "balance.clusters", \.balance.clusters, .from(2, to: 10_000_000),
      "clusters of each level of the hierarchy, the most first; empty: no balancing"),
    .int(
      "balance.target", \.balance.target, .atLeast(0), "images that are drawn; 0: all are kept"),
    .int("balance.iterations", \.balance.iterations, .from(1, to: 1000), "iterations of k-means"),
    .int(
      "balance.resamplings", \.balance.resamplings, .from(0, to: 100),
      "times that a level above the first is computed anew from points near its centroids"),
  ]

  private static let apply: [CurationKey] = [
    .choice(
      "apply.form", \.apply.form,
      "list: a list file for data.path; links, copies: a folder of images, too"),
    .text(
      "apply.to", \.apply.to,
      "file or folder of the result; by default images.csv or images in the pool"),
    .text(
      "apply.blur", \.apply.blur,
      "CSV file of file,left,top,right,bottom: parts of copies that are blurred, such as faces"),
  ]
}
