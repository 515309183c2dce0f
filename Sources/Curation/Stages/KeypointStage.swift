import Crops
import Images
import Support

/// Finds the keypoints of the images that are left, by which copies are found that are a part of
/// another picture, or turned, or framed.
enum KeypointStage: Stage {
  static let name = StageName.keypoints
  static let isIncremental = true

  static func isWanted(_ plan: CurationPlan) -> Bool { plan.duplicates.parts }

  static func run(_ context: CurationContext) throws -> String {
    let file = try context.keypoints()
    let all =
      try context.catalogue.images(keptAfter: .filter) + context.catalogue.images(.evaluation)
    let images = all.filter { !file.has($0.id) }
    try ImagePass(
      stage: name, context: context,
      compute: { (list, index) throws(ImageError) in
        PictureParts(
          of: try list.decoded(index) { .keeping(LocalFeatures.longest, of: $0) })
      },
      keep: { results in
        for case (let image, .success(let parts)) in results { try file.put(parts, of: image.id) }
        try file.flush()
      }
    ).run(images)
    return "\(Format.count(images.count, "image")) looked at"
  }

  /// A function of the images that are left.
  static func output(_ context: CurationContext) throws -> String { "" }
}
