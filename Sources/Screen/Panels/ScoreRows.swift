import Run
import Support

/// A score of features that needs no labels, as the probe's panel shows it.
struct ScoreRow {
  let label: String
  /// What was measured; `nil` for DSE, which follows from two metrics.
  let metric: Metric?
  /// The last value as text.
  let value: String
  /// What it says, in a few words.
  let meaning: String
  /// Its values over the probes.
  let points: [Point]

  /// The scores that a run's main probe has measured, in the order of their use; empty if there are none.
  static func rows(_ view: RunView) -> [ScoreRow] {
    let width = view.record.status.embedDim
    let scored = view.record.evaluations.last { $0.name == ProbeResult.knn }?.images
    let most = width.map { min($0, scored ?? $0) }
    func of(_ bound: Int?) -> String { bound.map { " of \($0)" } ?? "" }
    let all: [(String, Metric?, String, (Double) -> String)] = [
      (
        "RankMe", .rankMe, "directions that images use",
        { Format.decimals($0, 1) + of(most) }
      ),
      (
        "LiDAR", .lidar, "tells images apart, not views of one image",
        { Format.decimals($0, 1) }
      ),
      (
        "DSE", nil, "how well patches part what is in an image",
        { Format.decimals($0, 3) }
      ),
      (
        "mIoU", .segmentationMIoU, "patches classified by masks",
        { Format.percent($0) }
      ),
      (
        "alpha", .alphaReQ, "decay of the spectrum; near 1 is good",
        { Format.decimals($0, 2) }
      ),
      (
        "stability", .neighbourStability, "neighbours kept since the probe before",
        { Format.percent($0) }
      ),
    ]
    return all.compactMap { label, metric, meaning, text in
      let points = metric.map { view.probePoints($0) } ?? view.judgement.dense
      return points.last.map {
        ScoreRow(
          label: label, metric: metric, value: text($0.y), meaning: meaning, points: points)
      }
    }
  }
}

/// Draws scores below each other: a label, a value, a sparkline, and where there is room what they mean.
func drawScores(_ rows: [ScoreRow], on canvas: inout Canvas) {
  for (y, row) in rows.enumerated() where y < canvas.height {
    let isWide = canvas.width >= 84
    let place = Rect(x: 0, y: y, width: isWide ? canvas.width - 46 : canvas.width, height: 1)
    canvas.within(place) { drawTrend(row.label, row.value, row.points.map(\.y), on: &$0, y: 0) }
    if isWide { canvas.text(row.meaning, x: canvas.width - 44, y: y, Style(.dim)) }
  }
}
