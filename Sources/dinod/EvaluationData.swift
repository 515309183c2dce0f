import CommandKit
import Crops
import Evaluation
import Features
import Run

/// Features of images with classes; row i of the table is file i.
struct LabelledFeatures {
  let table: FeatureTable
  let files: LabelledFiles
  /// Images that could not be read.
  let skipped: Int
}

/// What is learned from and what is judged.
struct EvaluationData {
  let train: LabelledFiles
  let test: LabelledFiles
  /// Whether the test images were taken from the training images.
  let isSplit: Bool

  init(_ arguments: Arguments, seed: Int) throws {
    let folders = arguments.operands.dropFirst(2).map { $0 }
    func read(_ folder: String, _ option: String) throws -> LabelledFiles {
      do {
        guard let table = arguments.value(option) else { return try LabelledFiles(folder: folder) }
        return try LabelledFiles(folder: folder, table: LabelTable(path: table))
      } catch let error as SourceError {
        throw RunError.file(
          "\(error.what); give a folder whose folders are the classes, or a table with \(option)")
      }
    }
    let all = try read(folders[0], "--labels")
    guard folders.count > 1 else {
      guard !arguments.has("--test-labels") else {
        throw UsageError("--test-labels needs a folder TEST")
      }
      // A tenth of each class, as the probe of a run holds it out.
      let (kept, held) = HeldOut.split(
        all.labels, classes: all.classes.count, share: 0.1, seed: seed, purpose: 0)
      guard !held.isEmpty else {
        throw RunError.file("\(folders[0]): no class has two images; give a folder TEST to judge")
      }
      train = all.only(kept)
      test = all.only(held)
      isSplit = true
      return
    }
    train = all
    test = try read(folders[1], "--test-labels").renumbered(all.classes, name: folders[1])
    isSplit = false
  }
}
