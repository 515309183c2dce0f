import CommandKit
import Images

extension Arguments {
  /// Returns the size of an image, given as `224` or as height and width, `518x392`; `nil` if the
  /// option is not given.
  func imageSize(_ option: String) throws(UsageError) -> ImageSize? {
    guard let text = value(option) else { return nil }
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard (1...2).contains(sides.count), sides.allSatisfy({ $0 > 0 }) else {
      throw UsageError(
        option, takes: "a side such as 224, or height and width such as 518x392", not: text)
    }
    return ImageSize(width: sides.last!, height: sides[0])
  }
}
