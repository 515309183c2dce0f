import CXXHash
import Support

/// Chooses which images of a labelled set are held out from those that a classifier learns from.
///
/// Every image has a hash: XXH64 of the bytes of its key, which is its path within the data
/// set; the seed of the hash is the purpose. In a class of two or more images
///
/// - an image is held out if its hash lies in the lowest tenth of all 64-bit numbers,
/// - the image with the lowest hash is held out in any case, and
/// - the image with the highest hash is kept in any case.
///
/// The only image of a class is kept. So about a tenth of each class is held out, every class of
/// two has one image on either side, and neither a seed nor the order of the images matters.
///
/// Adding images to a class moves no other image of it, as long as the class already has an image
/// in the lowest tenth and one above it. Otherwise the class is so small that one image is there by
/// the second or third rule alone; only that one can move, when a new image takes its part. No rule
/// that knows only the images can do without this: one of two must be held out, but neither may be
/// while it is alone.
package enum HoldOut {
  /// The purpose of a choice. Choices for different purposes are independent of each other.
  package enum Purpose: UInt64, Sendable {
    /// To measure accuracy.
    case test = 0
    /// To choose among classifiers.
    case validation = 1
    /// To limit the number of images.
    case sample = 2
  }

  /// The highest hash of the lowest tenth.
  private static let limit = UInt64.max / 10

  /// Returns the indices of the images that are kept and of those that are held out, both
  /// ascending.
  ///
  /// - Parameters:
  ///   - keys: the name of each image within the data set; see `ImageSource.key`.
  ///   - labels: the class of each image, in 0 ..< classes.
  package static func split(
    keys: [String], labels: [Int], classes: Int, for purpose: Purpose
  ) -> (kept: [Int], held: [Int]) {
    precondition(keys.count == labels.count)
    let hashes = keys.map { hash($0, purpose) }
    var isHeld = hashes.map { $0 <= limit }
    var members = Array(repeating: [Int](), count: classes)
    for (index, label) in labels.enumerated() { members[label].append(index) }
    for members in members where !members.isEmpty {
      let ascending = members.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
      isHeld[ascending.first!] = true
      isHeld[ascending.last!] = false
    }
    return (labels.indices.filter { !isHeld[$0] }, labels.indices.filter { isHeld[$0] })
  }

  /// Returns the indices of about a share of images without labels, ascending: those whose hash for `test` lies
  /// in the lowest part of all 64-bit numbers, but never the highest of all. Adding images moves no other.
  package static func share(_ share: Double, of keys: [String]) -> [Int] {
    guard share > 0 else { return [] }
    let limit = UInt64(Double(UInt64.max) * min(share, 0.999))
    let hashes = keys.map { hash($0, .test) }
    let last = keys.indices.max { (hashes[$0], $0) < (hashes[$1], $1) }
    return keys.indices.filter { hashes[$0] <= limit && $0 != last }
  }

  /// Returns the indices of the `count` images with the lowest hashes, ascending; all indices if
  /// there are no more images. An added image replaces at most one other.
  package static func sample(_ count: Int, of keys: [String]) -> [Int] {
    guard keys.count > count else { return Array(keys.indices) }
    let hashes = keys.map { hash($0, .sample) }
    let ascending = keys.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
    return ascending.prefix(count).sorted()
  }

  /// Returns XXH64 of a key. For the purpose `test` this is what `xxhsum -H1` prints.
  package static func hash(_ key: String, _ purpose: Purpose) -> UInt64 {
    let bytes = ByteText.bytes(key)
    return bytes.withUnsafeBufferPointer { XXH64($0.baseAddress, $0.count, purpose.rawValue) }
  }
}
