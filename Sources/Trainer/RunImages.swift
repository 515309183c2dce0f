import Crops
import Features
import History
import Run
import Support

/// A run's images beside those with which it was trained before.
///
/// A run is a function of its images, among other things. So its folder has an index of them, and
/// what was measured on other images is told apart by the index's fingerprint.
struct RunImages {
  /// `nil` if the images are not files.
  private let index: ImageIndex?
  /// The index in the run's folder; for a branch that begins, its parent's.
  private let known: ImageIndex?
  /// Whether the run itself was trained with `known`.
  private let isOwn: Bool
  /// Whether the run computes another one again, whose images it has to have from its first step on.
  private let isReplay: Bool
  /// What differs from `known`; `nil` if nothing does.
  let changes: ImageChanges?
  /// The fingerprint of the index; `nil` if the images are not files.
  let fingerprint: String?

  /// Compares the images of a run with the index in its folder. Throws if that cannot be read.
  init(_ data: TrainingData, of directory: RunDirectory) throws {
    index = ImageIndex(train: data.opened, eval: data.split.evaluated)
    fingerprint = index?.fingerprint
    isReplay = try directory.origin()?.kind == RunOrigin.replay
    let own = try ImageIndex.read(directory.images)
    isOwn = own != nil
    known =
      if let own { own } else {
        try directory.branchOrigin().flatMap {
          try ImageIndex.read(directory.sibling($0.run).images)
        }
      }
    guard let known, known.fingerprint != fingerprint else {
      changes = nil
      return
    }
    changes = ImageChanges(from: known, to: index ?? ImageIndex([]))
  }

  /// Throws if the run has been trained with other images, unless that is accepted.
  func check(_ directory: RunDirectory, steps: Int, isAccepted: Bool) throws(TrainerError) {
    guard isOwn, steps > 0 || isReplay, !isAccepted, let changes else { return }
    throw .changedImages(directory, changes.text)
  }

  /// Writes the index into the run's folder, and keeps the one before. Returns what to tell about a
  /// change.
  ///
  /// - Parameter step: the last step that was trained with the images as they were.
  func keep(in directory: RunDirectory, step: Int) throws(FileError) -> [Finding] {
    guard changes != nil || !isOwn else { return [] }
    var findings: [Finding] = []
    if let changes {
      let whose = isOwn ? "" : " from those of the run that it branched from"
      findings.append((.warning, "data", "the images differ\(whose): \(changes.text)\(leak)"))
    }
    if isOwn, let known, changes != nil {
      let earlier = directory.images(until: step)
      // If there is one already, no step was trained with the images that came after it.
      if try FileSystem.status(earlier) == nil { try known.write(to: earlier) }
      findings.append(
        (
          .warning, "data",
          "from step \(step + 1) on they come in another order, and the probe measures anew; "
            + "the list of those before is \(FilePath.name(of: earlier))"
        ))
    }
    try index?.write(to: directory.images)
    return findings
  }

  /// Says how many images the probe now predicts that were trained on before; empty if none is.
  private var leak: String {
    guard let known, let index, let changes else { return "" }
    let trained = Set(Self.split(known).kept)
    let earlier = Dictionary(
      changes.renamed.map { (ByteText.bytes($0.new.path), ByteText.bytes($0.old.path)) },
      uniquingKeysWith: { first, _ in first })
    let count = Self.split(index).held.count { trained.contains(earlier[$0] ?? $0) }
    return count == 0
      ? "" : "; the run has trained on \(count) of the images that the probe predicts now"
  }

  /// Returns the paths of the labelled images that are trained on, and of those that the probe
  /// holds out; see `ProbeSplit`.
  private static func split(_ index: ImageIndex) -> (kept: [[UInt8]], held: [[UInt8]]) {
    guard index.entries.allSatisfy({ $0.purpose == .train }) else { return ([], []) }
    let labelled = index.entries.filter { !$0.label.isEmpty }
    var classes: [[UInt8]: Int] = [:]
    let labels = labelled.map { entry in
      let label = ByteText.bytes(entry.label)
      if classes[label] == nil { classes[label] = classes.count }
      return classes[label]!
    }
    let (kept, held) = HoldOut.split(
      keys: labelled.map(\.path), labels: labels, classes: classes.count, for: .test)
    let paths = labelled.map { ByteText.bytes($0.path) }
    return (kept.map { paths[$0] }, held.map { paths[$0] })
  }
}
