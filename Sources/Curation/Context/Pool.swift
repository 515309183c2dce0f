import Support

/// The paths of a pool's files: what is known about a heap of images. The images themselves stay where
/// they are.
package struct Pool: Sendable, Equatable {
  /// The pool's name.
  package let name: String
  /// The pool's folder.
  package let path: String

  /// Creates the paths of the pool called `name` in `parent`, or in `$XDG_STATE_HOME/dino/pools`.
  package init(name: String, parent: String? = nil) {
    self.name = name
    path = (parent.map(FilePath.canonical) ?? Self.defaultParent) + "/" + name
  }

  /// The default folder of pools: `$XDG_STATE_HOME/dino/pools`, or `~/.local/state/dino/pools` if the
  /// variable is not set.
  package static var defaultParent: String { StateFolder.path("pools") }

  /// The paths of the pool's files.
  package var catalogue: String { path + "/catalogue.sqlite" }
  package var crawl: String { path + "/crawl" }
  package var ledger: String { crawl + "/ledger.sqlite" }
  package var crawledImages: String { crawl + "/images" }
  package var crawlList: String { crawl + "/images.csv" }
  package var crawlOrigins: String { crawl + "/origins.csv" }
  package var thumbnails: String { path + "/thumbnails" }
  package var keypoints: String { path + "/keypoints" }
  package var features: String { path + "/features" }
  package var scores: String { path + "/scores.csv" }
  package var curve: String { path + "/curve.csv" }
  package var results: String { path + "/results" }
  package var plan: String { path + "/plan" }
  package var lock: String { path + "/lock" }
  package var list: String { path + "/images.csv" }
  package var images: String { path + "/images" }
  package var sheets: String { path + "/sheets" }
}
