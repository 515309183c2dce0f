import Run

extension ModelCard {
  static let curvesName = "curves.svg"

  /// An SVG image of the losses and the probe's accuracy, or `nil` if no step is recorded.
  var curves: String? {
    guard let last = lastStep, !samples.isEmpty else { return nil }
    let losses: [(String, Metric, String)] = [
      ("total", .totalLoss, "#222"), ("DINO global", .dinoGlobalCropsLoss, "#1f5fa8"),
      ("DINO local", .dinoLocalCropsLoss, "#2e8b57"), ("iBOT", .ibotLoss, "#d9662b"),
      ("KoLeo", .koleoLoss, "#8a4fbf"),
    ]
    let probes: [(String, Metric, String)] = [
      ("learned", .knnLearned, "#1f5fa8"), ("teacher", .knnTeacher, "#7a9a3a"),
      ("untrained network", .knnUntrained, "#999"), ("raw pixels", .knnRawPixels, "#d9662b"),
    ]
    let charts = [
      (
        "Losses",
        losses.compactMap { Curve($0, $1, colour: $2, samples: samples, lastStep: last) }
      ),
      (
        "k-NN accuracy on held-out images",
        probes.compactMap { Curve($0, $1, colour: $2, evaluations: evaluations) }
      ),
    ].filter { !$0.1.isEmpty }
    let (margin, between) = (60.0, 84.0)
    let parts = charts.enumerated().map { number, chart in
      CurveChart(
        title: chart.0, curves: chart.1, lastStep: last,
        left: margin + Double(number) * (CurveChart.width + between), top: 50
      ).svg
    }
    let width = margin + Double(charts.count) * (CurveChart.width + between) - between + 24
    let size = "\(Int(width)) \(Int(CurveChart.height) + 80)"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" \
      font-family="system-ui, sans-serif">
      <rect width="100%" height="100%" fill="#fff"/>
      \(parts.joined(separator: "\n"))
      </svg>

      """
  }
}
