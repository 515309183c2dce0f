import CommandKit

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// What the commands of `dinod bench` share.
enum BenchOptions {
  /// The options of steps, kernels and features.
  static let general = [
    Subcommand.Option("--arch", "A", "vit_small, vit_base, …; by default vit_small"),
    Subcommand.Option("--patch", "N", "side of a patch, pixels; by default 14"),
    Subcommand.Option("--size", "N", "embed: side of an image, pixels; by default 224"),
    Subcommand.Option("--global-size", "N", "side of a global crop, pixels; by default 224"),
    Subcommand.Option("--local-size", "N", "side of a local crop, pixels; by default 98"),
    Subcommand.Option("--batch", "N", "images in a step; by default 4, for embed 16"),
    Subcommand.Option("--prototypes", "N", "prototypes of each of the two heads; by default 65536"),
    Subcommand.Option("--hidden", "N", "hidden width of the heads; by default 2048"),
    Subcommand.Option("--drop-path", "X", "rate of stochastic depth; by default 0.3"),
    Subcommand.Option("--precision", "P", "fp32, bf16 or auto; by default auto"),
    Subcommand.Option("--recompute", nil, "keep no activations for the backward pass"),
    Subcommand.Option("--threads", "N", "compute threads; by default one per core"),
    Subcommand.Option("--steps", "N", "steps to time after the first; by default 4"),
    Subcommand.Option(
      "--profile", nil,
      "step: the time of each kernel, and what share of the machine's peaks it reaches"),
    Subcommand.Option(
      "--only", "TEXT", "kernels: only those whose names begin with TEXT; by default all"),
    Subcommand.Option("--json", nil, "print one line of JSON"),
  ]

  /// The options of nearest neighbours alone.
  static let ofNeighbours = [
    Subcommand.Option("--method", "M", "neighbours: graph (default), lists or kmeans"),
    Subcommand.Option("--vectors", "FILE", "neighbours: vectors of fp32, one after the other"),
    Subcommand.Option("--count", "N", "neighbours: random vectors instead; by default 100000"),
    Subcommand.Option("--dimension", "N", "neighbours: elements of a vector; by default 384"),
    Subcommand.Option("--above", "X", "neighbours: least cosine of a pair; by default 0.6"),
    Subcommand.Option("--neighbours", "N", "neighbours: most pairs of a vector; by default 64"),
    Subcommand.Option("--probes", "N", "neighbours, lists: lists that are searched; by default 16"),
    Subcommand.Option("--clusters", "N", "neighbours, kmeans: by default 1000"),
    Subcommand.Option("--iterations", "N", "neighbours, kmeans: by default 10"),
    Subcommand.Option("--start", "FILE", "neighbours, kmeans: the first centroids, as --vectors"),
  ]

  /// The most memory that this program had, in GiB.
  static var peakGiB: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 0x1p20
  }
}
