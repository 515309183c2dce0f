import Foundation
import Run
import Screen
import TestSupport
import Testing

/// Views of an invented run, as text that a person has looked at.
///
/// If one is meant to look different, `DINO_GOLDENS=write swift test --filter GoldenTests` writes all of them anew, and
/// `git diff Tests/ScreenTests/Goldens` shows what changed.
@Suite struct GoldenTests {
  struct Golden: Sendable, CustomTestStringConvertible {
    let name: String
    let size: Size
    let change: @Sendable (inout RunViewState) -> Void

    init(
      _ name: String, _ width: Int, _ height: Int,
      _ change: @escaping @Sendable (inout RunViewState) -> Void = { _ in }
    ) {
      (self.name, size, self.change) = (name, Size(width, height), change)
    }

    var testDescription: String { "\(name)-\(size.width)x\(size.height)" }
  }

  private static let goldens =
    Panel.training.map { panel in
      Golden(panel.title.lowercased(), 80, 24) { $0.panel = panel }
    } + [
      Golden("overview", 60, 20), Golden("overview", 120, 40), Golden("overview", 200, 60),
      Golden("expanded", 120, 40) { $0.isExpanded = true },
      Golden("cursor", 120, 40) { $0.cursor = 600 },
      Golden("logarithmic", 100, 30) {
        ($0.isExpanded, $0.scale, $0.smoothing) = (true, .log, 0.9)
      },
    ]

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Goldens")

  /// A run with what the sample run lacks: scores without labels, and several kinds of accuracies.
  private static func record() -> RunRecord {
    var record = SampleRun.record()
    for step in stride(from: 0, through: 1200, by: 200) {
      let part = Double(step) / 1200
      record.append(
        ProbeResult(
          step: step, time: 1000 + Double(step), name: ProbeResult.knn,
          values: [
            .knnLearned: 0.3 + 0.15 * part, .knnRawPixels: 0.33, .knnUntrained: 0.28,
            .linearLearned: 0.35 + 0.2 * part, .rankMe: 40 + 20 * part, .lidar: 12 + 5 * part,
            .alphaReQ: 1.5 - 0.3 * part, .denseSeparation: 0.2 + 0.1 * part,
            .denseDimensions: 0.3 + 0.1 * part, .neighbourStability: 0.5 + 0.3 * part,
            .segmentationMIoU: 0.4 + 0.2 * part,
          ], images: 1000, classes: 10))
    }
    return record
  }

  @Test("a view looks as it was looked at", arguments: goldens)
  func look(_ golden: Golden) throws {
    // Times of the log are those of a place.
    setenv("TZ", "UTC", 1)
    tzset()
    let view = SampleRun.view(Self.record(), golden.change)
    let rows = drawDashboard(view, size: golden.size).rows.map { row in
      String(row.reversed().drop { $0 == " " }.reversed())
    }
    let file = Self.folder.appendingPathComponent(golden.testDescription + ".txt")
    let text = rows.joined(separator: "\n") + "\n"
    if ProcessInfo.processInfo.environment["DINO_GOLDENS"] == "write" {
      try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let known = try String(contentsOf: file, encoding: .utf8)
    let differ = zip(
      known.split(separator: "\n", omittingEmptySubsequences: false),
      text.split(separator: "\n", omittingEmptySubsequences: false)
    ).first { $0 != $1 }
    #expect(known == text, "\(file.lastPathComponent): \(differ.map { "\($0.0)\n\($0.1)" } ?? "")")
  }
}
