#if canImport(Glibc)
  import Glibc
#endif
import Run
import Support

/// A verdict on whether a run learns or collapses, with its reason.
///
/// Self-distillation fails in three ways: every image gets the same uniform output (the entropy is
/// at ln K), every image gets the same prototype (the effective rank and the share of prototypes
/// in use drop to almost nothing), or numbers are no longer finite. All three are visible here
/// before they show in the losses. A run that does not collapse may still learn nothing, which its
/// probe shows (`Learning`).
package struct Health: Equatable, Sendable {
  /// The state of a run's health, from too little data to collapse.
  package enum Verdict: String, Equatable, Sendable {
    case unknown, healthy, watch, collapsing
    /// Nobody trains the run, and no end was recorded.
    case interrupted
  }

  /// The verdict, and its reason in a few words.
  package let verdict: Verdict
  package let reason: String
  /// All kinds of trouble that the run is in, the worst first; the verdict is that of the first.
  package let findings: [Finding]
  /// What kind of trouble the verdict is about; `nil` if there is none.
  package var alarm: Alarm? { findings.first?.alarm }

  /// One kind of trouble.
  package struct Finding: Equatable, Sendable {
    package let alarm: Alarm
    /// `watch` or `collapsing`.
    package let verdict: Verdict
    /// What was seen, in a few words.
    package let reason: String

    package init(_ alarm: Alarm, _ verdict: Verdict, _ reason: String) {
      (self.alarm, self.verdict, self.reason) = (alarm, verdict, reason)
    }
  }

  /// Evaluates a run by comparing its latest values with its earlier ones.
  ///
  /// - Parameter isTraining: whether a daemon is at work. A run that was interrupted is neither
  ///   healthy nor ill.
  package init(_ record: RunRecord, isTraining: Bool) {
    let health = Health(record)
    guard record.status.state.isAlive, !isTraining else {
      self = health
      return
    }
    verdict = .interrupted
    findings = []
    reason =
      health.verdict == .unknown
      ? "it was too early to tell" : "it was \(health.verdict.rawValue): \(health.reason)"
  }

  private init(_ record: RunRecord) {
    let measured = record.samples.filter { $0[.teacherEntropy] != nil || $0[.effectiveRank] != nil }
    let isKnown = measured.count >= 5
    var findings = ["numbers", "health"].compactMap { Self.latestError($0, record) }
    if isKnown { findings = Self.findings(record, measured) + findings }
    let images = record.evaluations.last?.data
    let learning = Learning(
      record.evaluations.filter { $0.isMeasured(on: images) }, steps: record.status.steps)
    if learning.isProblem {
      let remedy = learning.remedy(record.status.phase, step: record.status.step)
      findings.append(
        Finding(
          learning.verdict == .worse ? .forgetting : .noLearning, .watch,
          ([learning.reason] + [remedy].compactMap(\.self)).joined(separator: "; ")))
    }
    findings = Self.room(record.samples) + findings + Self.waits(record)
    if let divergence = Self.divergence(record.samples) { findings.insert(divergence, at: 0) }
    self.findings = Self.ranked(findings)
    (verdict, reason) =
      self.findings.first.map { ($0.verdict, $0.reason) }
      ?? (isKnown
        ? (.healthy, Self.stable(measured)) : (.unknown, "too few steps to tell"))
  }

  /// Returns one finding for each alarm, collapses first, in the order of the checks otherwise.
  private static func ranked(_ findings: [Finding]) -> [Finding] {
    var known: Set<Alarm> = []
    let collapses = findings.filter { $0.verdict == .collapsing }
    return (collapses + findings.filter { $0.verdict != .collapsing }).filter {
      known.insert($0.alarm).inserted
    }
  }

  /// What is stable, of what is measured: there is no entropy without prototypes.
  private static func stable(_ measured: [Sample]) -> String {
    (measured.last?[.teacherEntropy] == nil ? "" : "entropy, ") + "rank, gradients stable"
  }

  /// Returns what the metrics show.
  private static func findings(_ record: RunRecord, _ measured: [Sample]) -> [Finding] {
    let norms: [Metric] = [.gradNormBackbone, .gradNormDinoHead, .gradNormIbotHead]
    let found =
      [
        entropy(measured, prototypes: record.status.prototypes),
        decline(measured, .effectiveRank, "effective rank", .constantFeatures),
        decline(measured, .targetSpread, "difference between targets", .uniformTargets),
        decline(measured, .prototypesUsed, "share of prototypes in use", .unusedPrototypes),
        share(measured, .prototypesCopied, 0.5, "of the prototypes are copies", .copiedPrototypes),
        share(measured, .batchTwins, 0.1, "of a batch's images have a twin", .batchTwins),
      ] + norms.map { spike(record.samples, $0, 8) } + [spike(record.samples, .totalLoss, 2)]
    return found.compactMap(\.self)
  }

  /// Checks for uniform output: the entropy stays at its upper bound.
  private static func entropy(_ samples: [Sample], prototypes: Int?) -> Finding? {
    guard let prototypes, prototypes > 1 else { return nil }
    let bound = log(Double(prototypes))
    let recent = samples.suffix(20).compactMap { $0[.teacherEntropy] }
    guard let mean = mean(recent) else { return nil }
    // Early in a run the output is close to uniform too. If it stays there, it has collapsed.
    if mean > 0.9995 * bound {
      return Finding(.uniformTargets, .collapsing, "teacher output is uniform: entropy at ln K")
    }
    if mean > 0.998 * bound {
      return Finding(.uniformTargets, .watch, "teacher output is close to uniform")
    }
    if mean < 0.01 * bound {
      return Finding(.constantFeatures, .watch, "teacher entropy is close to zero")
    }
    return nil
  }

  /// Checks whether a metric fell to a small part of its best smoothed value.
  private static func decline(
    _ samples: [Sample], _ metric: Metric, _ name: String, _ alarm: Alarm
  ) -> Finding? {
    let values = samples.compactMap { $0[metric] }
    let block = 5
    guard values.count >= 2 * block, let now = mean(values.suffix(block)) else { return nil }
    let best =
      stride(from: 0, through: values.count - block, by: block)
      .compactMap { mean(values[$0..<$0 + block]) }.max() ?? now
    guard best > 0 else { return nil }
    let part = now / best
    let text = "\(name) is at \(Format.percent(part)) of its best"
    return part < 0.4 ? Finding(alarm, part < 0.1 ? .collapsing : .watch, text) : nil
  }

  /// Checks whether a share stays above a limit.
  private static func share(
    _ samples: [Sample], _ metric: Metric, _ limit: Double, _ text: String, _ alarm: Alarm
  ) -> Finding? {
    let recent = samples.suffix(10).compactMap { $0[metric] }
    guard recent.count == 10, let mean = mean(recent), mean > limit else { return nil }
    return Finding(alarm, .watch, "\(Format.percent(mean)) \(text)")
  }

  /// Checks whether the gradients grow without bound.
  private static func divergence(_ samples: [Sample]) -> Finding? {
    var divergence = Divergence()
    var problem: String?
    for sample in samples { problem = divergence.add(sample) }
    return problem.map { Finding(.divergence, .collapsing, $0) }
  }

  /// Checks whether a metric is far above its median: so many times.
  private static func spike(
    _ samples: [Sample], _ metric: Metric, _ factor: Double
  ) -> Finding? {
    let values = samples.suffix(200).compactMap { $0[metric] }
    guard values.count >= 20, let last = mean(values.suffix(3)) else { return nil }
    let usual = values.sorted()[values.count / 2]
    guard usual > 0, last > factor * usual else { return nil }
    return Finding(
      .spike, .watch, "\(metric.rawValue) is \(Format.number(last / usual)) times its usual")
  }

  /// Returns the worst of the trainer's own warnings and errors of a kind in the last 50 steps, the newest of them.
  /// An error there covers the third kind of failure.
  private static func latestError(_ kind: String, _ record: RunRecord) -> Finding? {
    // What happened in steps that the run has dropped is over.
    let since = record.journal.last(where: \.isRewound)?.time ?? 0
    guard let step = record.samples.last?.step else { return nil }
    let recent = record.events.suffix(500).filter {
      $0.kind == kind && $0.level != .info && $0.time >= since && step - $0.step <= 50
    }
    return (recent.last { $0.level == .error } ?? recent.last).map { event in
      Finding(
        kind == "numbers" ? .notFinite : .divergence,
        event.level == .error ? .collapsing : .watch, event.text)
    }
  }

  private static func mean(_ values: some Collection<Double>) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
