import CommandKit
import Crops
import Features
import Run

/// Features of labelled images. Row i of the table belongs to image i.
struct LabelledFeatures {
  let table: FeatureTable
  let images: LabelledImages
  /// The number of images that could not be read.
  let skipped: Int
}

/// The images from which a classifier learns, and those on which its accuracy is measured.
struct EvaluationData {
  let train: LabelledImages
  let test: LabelledImages
  /// Whether the test images were held out of the folder of the training images.
  let isSplit: Bool

  init(_ arguments: Arguments) throws {
    let folders = arguments.operands.dropFirst(2).map { $0 }
    func read(_ folder: String, _ option: String) throws -> LabelledImages {
      do {
        guard let table = arguments.value(option) else {
          let labelled = try LabelledImages(folder: folder)
          tell(labelled.images.notices)
          return labelled
        }
        return try LabelledImages(folder: folder, table: LabelTable(path: table))
      } catch let error as SourceError {
        throw RunError.file(
          "\(error.what); give a folder with one subfolder per class, or a table with \(option)")
      }
    }
    let all = try read(folders[0], "--labels")
    guard folders.count > 1 else {
      guard !arguments.has("--test-labels") else {
        throw UsageError("--test-labels needs a TEST folder")
      }
      (train, test) = all.holdingOut(for: .test)
      guard test.count > 0 else {
        throw RunError.file("\(folders[0]): no class has two images; give a TEST folder")
      }
      isSplit = true
      return
    }
    train = all
    test = try read(folders[1], "--test-labels").renumbered(all.classes, name: folders[1])
    isSplit = false
  }
}
