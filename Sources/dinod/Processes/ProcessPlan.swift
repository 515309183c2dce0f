import CommandKit
import Engine
import Model
import Recipe
import Support
import Tensor
import Trainer

/// What a run takes that several processes share: memory and bytes of each, by how they divide the parameters and
/// how they send.
struct ProcessPlan {
  /// One way.
  struct Way: Encodable {
    var shardingStrategy: String
    /// How parameters and gradients are sent.
    var sentAs: String
    var totalBytes: Int
    var sentBytes: Int
    /// Seconds that the link is busy in a step; nil if no link is given.
    var linkSeconds: Double?
    var fits: Bool
  }

  let ways: [Way]
  private let processes: Int

  /// Plans the ways.
  ///
  /// - Parameters:
  ///   - available: the bytes that a process may take; nil if the system does not tell.
  ///   - link: bytes a second that a host sends.
  init(
    _ recipe: Recipe, teacher: FrozenTeacher?, processes: Int, available: Int?, link: Double?
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
        let sent = StepTraffic(shape).bytes
        ways.append(
          Way(
            shardingStrategy: strategy.rawValue, sentAs: dtype.rawValue,
            totalBytes: memory.totalBytes, sentBytes: Int(sent),
            linkSeconds: link.map { sent / $0 },
            fits: available.map { memory.totalBytes <= $0 } ?? true))
      }
    }
    self.ways = ways
  }

  /// The way that fits and sends least in fp32, whose bits do not depend on the number of processes; if none
  /// fits, nil.
  var cheapest: Way? {
    ways.filter { $0.fits && $0.sentAs == "fp32" }.min { $0.sentBytes < $1.sentBytes }
  }

  var table: String {
    var text = "\nshared by \(Format.count(processes, "process")), for each of them:\n\n"
    let rows = ways.map { way in
      [
        way.shardingStrategy, way.sentAs, Format.bytesRoundedUp(way.totalBytes),
        Format.bytes(Double(way.sentBytes)), way.linkSeconds.map { Format.interval($0) } ?? "",
        way.fits ? "" : "does not fit here",
      ]
    }
    let heads = [
      "strategy", "sent as", "memory", "sent a step",
      ways[0].linkSeconds == nil ? "" : "on the link", "",
    ]
    for row in [heads] + rows {
      let cells = [
        row[0].padded(15), row[1].padded(8), row[2].padded(10, right: true),
        row[3].padded(13, right: true), row[4].padded(13, right: true), "  " + row[5],
      ]
      text += cells.joined().trimmedEnd + "\n"
    }
    guard let cheapest else { return text }
    return text + "\nthe least that fits, with bits that do not depend on the number of processes: "
      + "--set train.sharding_strategy=\(cheapest.shardingStrategy)\n"
  }

  /// Reads a link's rate, such as `10gbit`, in bytes a second.
  static func rate(_ text: String) throws -> Double {
    let units = ["kbit": 1e3, "mbit": 1e6, "gbit": 1e9]
    for (unit, factor) in units where text.lowercased().hasSuffix(unit) {
      if let number = Double(text.dropLast(unit.count)), number > 0 { return number * factor / 8 }
    }
    throw UsageError("--link: '\(text)' is no rate; give one such as 10gbit")
  }
}
