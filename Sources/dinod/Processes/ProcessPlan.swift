import CommandKit
import Engine
import Model
import Recipe
import Support
import Tensor
import Trainer

/// What a run takes that several processes share: memory, bytes and time of each, by how they divide the
/// parameters and how they send.
struct ProcessPlan {
  /// One way.
  struct Way: Encodable {
    var shardingStrategy: String
    /// How parameters and gradients are sent.
    var sentAs: String
    var totalBytes: Int
    var sentBytes: Int
    /// Seconds of a step, and those of it in which a process waits for others; nil if no link is given.
    var stepSeconds: Double?
    var waitSeconds: Double?
    /// The share of a step that a process would need without the others.
    var efficiency: Double?
    var fits: Bool
  }

  /// A link between hosts, and what is known of how fast a process computes.
  struct Timing {
    let link: LinkModel
    let threads: Int
    /// Returns how long the parts of a step take that has a shape.
    let parts: (EngineShape) -> [StepPart]
  }

  let ways: [Way]
  private let processes: Int

  /// Plans the ways.
  ///
  /// - Parameters:
  ///   - available: the bytes that a process may take; nil if the system does not tell.
  ///   - timing: what a step's time follows from; nil to foretell none.
  init(
    _ recipe: Recipe, teacher: FrozenTeacher?, processes: Int, available: Int?, timing: Timing?
  ) {
    self.processes = processes
    let place = ProcessPlace(number: 0, of: processes)
    var ways: [Way] = []
    for strategy in Recipe.ShardingStrategy.allCases {
      for dtype in Recipe.SentDtype.allCases {
        var changed = recipe
        changed.train.shardingStrategy = strategy
        (changed.train.paramDtype, changed.train.reduceDtype) = (dtype, dtype)
        let memory = PlannedMemory(changed, teacher: teacher, place: place).largest.memory
        let shape = EngineShape(
          changed, maskRatioMax: changed.ibot.maskRatioMax, frozenTeacher: teacher?.network,
          place: place)
        var way = Way(
          shardingStrategy: strategy.rawValue, sentAs: dtype.rawValue,
          totalBytes: memory.totalBytes, sentBytes: Int(StepTraffic(shape).bytes),
          fits: available.map { memory.totalBytes <= $0 } ?? true)
        if let timing { way.foretell(shape, timing) }
        ways.append(way)
      }
    }
    self.ways = ways
  }

  /// The way that fits and is fastest, or sends least, in fp32, whose bits do not depend on the number of
  /// processes; if none fits, nil.
  var cheapest: Way? {
    ways.filter { $0.fits && $0.sentAs == "fp32" }.min {
      ($0.stepSeconds ?? Double($0.sentBytes)) < ($1.stepSeconds ?? Double($1.sentBytes))
    }
  }

  var table: String {
    var text = "\nshared by \(Format.count(processes, "process")), for each of them:\n\n"
    let rows = ways.map { way in
      [
        way.shardingStrategy, way.sentAs, Format.bytesRoundedUp(way.totalBytes),
        Format.bytes(Double(way.sentBytes)), way.stepSeconds.map { Format.interval($0) } ?? "",
        way.waitSeconds.map { Format.interval($0) } ?? "",
        way.efficiency.map { Format.percent($0) } ?? "",
        way.fits ? "" : "does not fit here",
      ]
    }
    let isTimed = ways[0].stepSeconds != nil
    let heads =
      ["strategy", "sent as", "memory", "sent a step"]
      + (isTimed ? ["a step", "waiting", "efficiency", ""] : ["", "", "", ""])
    for row in [heads] + rows {
      let cells = [
        row[0].padded(15), row[1].padded(8), row[2].padded(10, right: true),
        row[3].padded(13, right: true), row[4].padded(13, right: true),
        row[5].padded(10, right: true), row[6].padded(12, right: true), "  " + row[7],
      ]
      text += cells.joined().trimmedEnd + "\n"
    }
    guard let cheapest else { return text }
    return text
      + "\nthe \(isTimed ? "fastest" : "least") that fits, with bits that do not depend on the number of processes: "
      + "--set train.sharding_strategy=\(cheapest.shardingStrategy)\n"
  }

}

extension ProcessPlan.Way {
  fileprivate mutating func foretell(_ shape: EngineShape, _ timing: ProcessPlan.Timing) {
    let parts = timing.parts(shape)
    let forecast = StepForecast(shape, parts, timing.link, threads: timing.threads)
    stepSeconds = forecast.seconds
    waitSeconds = forecast.waiting
    efficiency = parts.reduce(0) { $0 + $1.seconds } / forecast.seconds
  }
}

extension LinkModel {
  /// Reads a link, such as `10gbit` or `10gbit,50us`.
  init(_ text: String) throws {
    let words = text.lowercased().split(separator: ",", omittingEmptySubsequences: false)
    let rate = words.first.flatMap {
      Self.number($0, ["kbit": 1e3, "mbit": 1e6, "gbit": 1e9])
    }
    let latency =
      words.count == 2
      ? Self.number(words[1], ["us": 1e-6, "ms": 1e-3]) : words.count == 1 ? 0 : nil
    guard let rate, rate > 0, let latency else {
      throw UsageError("--link: '\(text)' is no link; give one such as 10gbit or 10gbit,50us")
    }
    self.init(bytesPerSecond: rate / 8, latency: latency)
  }

  private static func number(_ word: Substring, _ units: [String: Double]) -> Double? {
    for (unit, factor) in units where word.hasSuffix(unit) {
      return Double(word.dropLast(unit.count)).flatMap {
        $0.isFinite && $0 >= 0 ? $0 * factor : nil
      }
    }
    return nil
  }
}
