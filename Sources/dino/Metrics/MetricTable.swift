import CommandKit
import Run
import Support

/// A table of what a run recorded, a row for each step or thing that happened.
struct MetricTable {
  /// What the rows are.
  enum Kind: Equatable { case samples, evaluations, events }

  /// A value in a row; `nil` in a row where there is none.
  enum Cell: Equatable {
    case integer(Int)
    case number(Double)
    case text(String)
  }

  /// A row with a cell for each column.
  typealias Row = [Cell?]

  let kind: Kind
  /// The metrics that have columns, which are the last ones.
  let metrics: [Metric]

  /// Makes a table with the metrics that are named, in their order, or with all that its rows can have.
  init(_ kind: Kind, only names: String?) throws(UsageError) {
    self.kind = kind
    let all = Metric.allCases.filter { metric in
      let isProbed = metric.group == .evaluation || metric.group == .labelFree
      return kind != .events && isProbed == (kind == .evaluations)
    }
    guard let names else {
      metrics = all
      return
    }
    guard kind != .events else { throw UsageError("--only is for metrics, and events have none") }
    let words = names.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    var chosen: [Metric] = []
    for word in words {
      guard let metric = all.first(where: { $0.rawValue == word }) else {
        throw UsageError("--only: \(Self.problem(word, among: all))")
      }
      chosen.append(metric)
    }
    metrics = chosen
  }

  private static func problem(_ word: String, among metrics: [Metric]) -> String {
    if Metric(rawValue: word) != nil {
      return "'\(word)' is not of this table; probes are printed by --evaluations"
    }
    let nearest = nearestName(to: word, among: metrics.map(\.rawValue))
    return "there is no metric '\(word)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
  }

  /// The names of the columns.
  var columns: [String] {
    let facts =
      switch kind {
      case .samples: ["step", "time"]
      case .evaluations: ["step", "time", "name", "images", "classes", "data"]
      case .events: ["step", "time", "level", "kind", "text"]
      }
    return facts + metrics.map(\.rawValue)
  }

  func row(_ sample: Sample) -> Row {
    [.integer(sample.step), .number(sample.time)] + metrics.map { sample[$0].map(Cell.number) }
  }

  func row(_ result: ProbeResult) -> Row {
    [
      .integer(result.step), .number(result.time), .text(result.name), .integer(result.images),
      .integer(result.classes), result.data.map(Cell.text),
    ] + metrics.map { result.values[$0].map(Cell.number) }
  }

  func row(_ event: RunEvent) -> Row {
    [
      .integer(event.step), .number(event.time), .text(event.level.rawValue), .text(event.kind),
      .text(event.text),
    ]
  }
}
