import Bench
import CommandKit
import Recipe
import Store
import Support

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// Times nearest neighbours, for `Benchmarks/neighbours.py`.
struct NeighboursCommand {
  /// The options of other things to time that apply here, too.
  private static let shared = ["--precision", "--threads", "--json"]

  private let arguments: Arguments
  private let method: NeighboursBench.Method
  private var settings = NeighboursBench.Settings()
  private let dimension: Int
  private let count: Int

  init(_ arguments: Arguments) throws {
    let known = BenchOptions.ofNeighbours.map(\.name) + Self.shared
    if let option = BenchOptions.general.map(\.name).first(where: {
      !known.contains($0) && arguments.has($0)
    }) {
      throw UsageError("\(option) has no effect in bench neighbours")
    }
    if arguments.has("--count"), arguments.has("--vectors") {
      throw UsageError("--count and --vectors exclude each other")
    }
    self.arguments = arguments
    method = try arguments.choice("--method") ?? .graph
    dimension = try arguments.integer("--dimension", in: 1...65_536) ?? 384
    count = try arguments.integer("--count", in: 1...100_000_000) ?? 100_000
    if let text = arguments.value("--above") {
      guard let value = Float(text), (-1...1).contains(value) else {
        throw UsageError("--above takes a cosine from -1 to 1, not '\(text)'")
      }
      settings.above = value
    }
    settings.neighbours = try arguments.integer("--neighbours", in: 1...4096) ?? 64
    settings.probes = try arguments.integer("--probes", in: 1...65_536) ?? 16
    settings.clusters = try arguments.integer("--clusters", in: 1...10_000_000) ?? 1000
    settings.iterations = try arguments.integer("--iterations", in: 0...10_000) ?? 10
  }

  private struct Figures: Encodable {
    var method: String
    var count: Int
    var dimension: Int
    var precision: String
    var threads: Int
    var seconds: Double
    var cpu: Double
    var peakMib: Double
    var edges: Int?
    var recall: Double?
    var potentials: [Double]?
  }

  func run() throws -> Int32 {
    let recipe = try Recipe().applying([
      "session.threads=\(arguments.value("--threads") ?? "0")",
      "train.compute_precision=\(arguments.value("--precision") ?? "auto")",
    ])
    let backend = try Backend(Backend.Choice(recipe).printingNotice())
    let elements =
      try arguments.value("--vectors").map(floats)
      ?? NeighboursBench.random(count, dimension: dimension)
    let bench = try NeighboursBench(
      elements, dimension: dimension, start: try arguments.value("--start").map(floats),
      kernels: backend.makeKernels(), pool: backend.workers)
    let before = Self.processorSeconds
    let found = try bench.run(method, settings)
    let figures = Figures(
      method: method.rawValue, count: elements.count / dimension, dimension: dimension,
      precision: backend.precision.rawValue, threads: backend.threads, seconds: found.seconds,
      cpu: Self.processorSeconds - before, peakMib: BenchOptions.peakGiB * 1024,
      edges: found.edges, recall: found.recall, potentials: found.potentials)
    tell(figures)
    return 0
  }

  private func tell(_ figures: Figures) {
    if arguments.has("--json"), let line = try? JSONText.line(figures) { return print(line) }
    var result = ""
    if let edges = figures.edges { result += ", \(Format.count(edges)) edges" }
    if let recall = figures.recall { result += ", recall \(Format.decimals(recall, 4))" }
    if let last = figures.potentials?.last { result += ", potential \(Format.number(last))" }
    print(
      """
      \(figures.method) of \(Format.count(figures.count)) vectors of \(figures.dimension), \
      \(figures.precision), \(Format.count(figures.threads, "thread"))
      \(Format.decimals(figures.seconds, 2)) s, processors \(Format.decimals(figures.cpu, 2)) s, \
      peak memory \(Format.decimals(figures.peakMib, 0)) MiB\(result)
      """)
  }

  /// Reads numbers of fp32.
  private func floats(_ path: String) throws -> [Float] {
    let file = try FileInput(path: path)
    guard file.size > 0, file.size % (4 * dimension) == 0 else {
      throw FileError(
        file: path,
        what: "has \(file.size) bytes, which are no whole vectors of \(dimension) numbers",
        remedy: "give --dimension")
    }
    var failure: FileError?
    let values = [Float](unsafeUninitializedCapacity: file.size / 4) { target, count in
      target.initialize(repeating: 0)
      count = target.count
      do throws(FileError) {
        try file.read(at: 0, into: UnsafeMutableRawBufferPointer(target))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return values
  }

  /// The time of all threads so far.
  private static var processorSeconds: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
    let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
    return Double(seconds) + Double(microseconds) / 1e6
  }
}
