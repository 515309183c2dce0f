import Features
import Images
import TestSupport
import Testing

@Suite("Images with masks")
struct SegmentationFolderTests {
  /// A folder of one image and its mask, in which a grey value depends on the place.
  private func folder(
    _ width: Int, _ height: Int, mask: (_ x: Int, _ y: Int) -> UInt8
  ) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    folder.picture("images/a/one.png", [10, 20, 30], width: width, height: height)
    let values = (0..<width * height).flatMap { pixel in
      [UInt8](repeating: mask(pixel % width, pixel / width), count: 3)
    }
    let path = folder.write([], to: "masks/a/one.png")
    try RGBImage(width: width, height: height, pixels: values).writePNG(path: path)
    return folder
  }

  private let view = EvaluationView(probing: 28, mean: [0, 0, 0], std: [1, 1, 1])

  private func labels(_ folder: TemporaryFolder) throws -> (labels: [Int], classes: Int) {
    let found = try SegmentationFolder(path: folder.path, most: 8).patches(view, patch: 7)
    return (found.labels, found.classes)
  }

  private func refusal(_ folder: TemporaryFolder) throws -> String {
    let error = #expect(throws: FeatureError.self) { try labels(folder) }
    return error?.description ?? ""
  }

  @Test("a patch is of the class that most of its pixels have, where the view shows it")
  func places() throws {
    // Of a wide picture of the view's height, the middle is seen.
    let wide = try folder(56, 28) { x, _ in x < 28 ? 3 : 9 }
    #expect(try labels(wide) == ([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1], 2))
    // A large one is made 32 pixels wide, of which the middle 28 are seen.
    let large = try folder(112, 112) { x, y in
      (28..<84).contains(x) && (28..<84).contains(y) ? 1 : 0
    }
    #expect(try labels(large).labels == [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0])
    // Rows and columns are not exchanged.
    let low = try folder(28, 28) { _, y in y < 7 ? 5 : 0 }
    #expect(try labels(low).labels == [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test("255 is a class of two, and none beside others")
  func void() throws {
    let two = try folder(28, 28) { x, _ in x < 14 ? 0 : 255 }
    #expect(try labels(two) == ([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1], 2))
    let three = try folder(28, 28) { x, _ in x < 7 ? 0 : x < 14 ? 1 : 255 }
    let row: [Int] = [0, 1, -1, -1]
    #expect(try labels(three).labels == row + row + row + row)
  }

  @Test("what cannot be masks is refused, and it is said why")
  func refused() throws {
    #expect(
      try refusal(try folder(28, 28) { _, _ in 4 }).hasSuffix(
        "the masks have 1 colour; at least two classes are told apart"))
    let photograph = try folder(40, 40) { x, y in UInt8((x * 40 + y) % 251) }
    #expect(try labels(photograph).classes == 251)
    let lossy = try folder(28, 28) { _, _ in 1 }
    let colours: [UInt8] = (0..<784).flatMap { (at: Int) -> [UInt8] in
      [UInt8(at % 256), UInt8(at / 256), 0]
    }
    try RGBImage(width: 28, height: 28, pixels: colours).writePNG(
      path: lossy.path + "/masks/a/one.png")
    #expect(
      try refusal(lossy).hasSuffix(
        "the masks have 784 colours; each class has one, so save masks without loss, as PNG"))
    let other = try folder(28, 28) { x, _ in x < 3 ? 1 : 0 }
    other.picture("images/a/one.png", [1, 2, 3], width: 28, height: 30)
    #expect(
      try refusal(other).hasSuffix(
        "one.png: the mask has 28x28 pixels, its image 28x30; both must have the same"))
    other.picture("images/two.v2.png", [1, 2, 3])
    #expect(
      try refusal(other).hasSuffix(
        "masks/two.v2.png: there is no mask of images/two.v2.png; each image needs one"))
    #expect(try refusal(TemporaryFolder()).contains("no such folder; a folder of masks has images"))
  }
}
