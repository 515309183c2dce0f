import Images
import Support

/// Parts of pictures that nobody shall recognise, such as faces: a CSV file of
/// file,left,top,right,bottom in pixels of the upright picture.
struct BlurBoxes {
  /// A part of a picture; `right` and `bottom` are behind the last pixel.
  struct Box: Equatable {
    let left: Int
    let top: Int
    let right: Int
    let bottom: Int
  }

  static let none = BlurBoxes(path: "", boxes: [:])
  private static let columns = ["file", "left", "top", "right", "bottom"]

  private let path: String
  private let boxes: [[UInt8]: [Box]]

  private init(path: String, boxes: [[UInt8]: [Box]]) { (self.path, self.boxes) = (path, boxes) }

  init(path: String) throws(FileError) {
    var scanner = CSVScanner(try WholeFile.read(path, limit: 1 << 30))
    var boxes: [[UInt8]: [Box]] = [:]
    while let (fields, line) = try Self.next(&scanner, path) {
      if fields == [""] || fields == Self.columns { continue }
      guard fields.count == 5, let box = Box(fields.dropFirst().map { Int($0) }) else {
        throw Self.wrong("\(path):\(line)", "expected whole numbers, right of left, below top")
      }
      boxes[ByteText.bytes(fields[0]), default: []].append(box)
    }
    self.init(path: path, boxes: boxes)
  }

  private static func next(
    _ scanner: inout CSVScanner, _ path: String
  ) throws(FileError) -> (fields: [String], line: Int)? {
    do throws(CSVError) {
      return try scanner.next()
    } catch {
      throw wrong("\(path):\(error.line)", error.what)
    }
  }

  private static func wrong(_ place: String, _ what: String) -> FileError {
    FileError(
      file: place, what: what, remedy: "each line is \(columns.joined(separator: ","))",
      cause: .damage)
  }

  /// The boxes of a picture, by its path within its source.
  func of(_ file: String) -> [Box] { boxes[ByteText.bytes(file)] ?? [] }

  /// Says how many files of the table are not among these; `nil` if all are.
  func unused(_ files: [String]) -> String? {
    let there = Set(files.map(ByteText.bytes))
    let count = boxes.keys.count { !there.contains($0) }
    return count == 0 ? nil : "\(path): \(count) of \(boxes.count) files are not in the result"
  }
}

extension BlurBoxes.Box {
  /// Four numbers in the order of the columns; `nil` if they are no box.
  init?(_ numbers: [Int?]) {
    let numbers = numbers.compactMap(\.self)
    guard numbers.count == 4, numbers[2] > numbers[0], numbers[3] > numbers[1],
      numbers.allSatisfy({ abs($0) < 1 << 30 })
    else { return nil }
    self.init(left: numbers[0], top: numbers[1], right: numbers[2], bottom: numbers[3])
  }
}

extension RGBImage {
  /// Pixels of a blurred part's longer side that tell something.
  private static let blurredSide = 5

  /// Returns a copy in which boxes, as far as they are within it, show but a few colours.
  func blurred(_ boxes: [BlurBoxes.Box]) -> RGBImage {
    var result = self
    for box in boxes {
      let (left, top) = (max(0, box.left), max(0, box.top))
      let (wide, high) = (min(width, box.right) - left, min(height, box.bottom) - top)
      guard wide > 0, high > 0 else { continue }
      let longest = max(wide, high)
      let few = result.resizedCrop(
        left: left, top: top, width: wide, height: high,
        toWidth: max(1, wide * Self.blurredSide / longest),
        toHeight: max(1, high * Self.blurredSide / longest), filter: .bilinear)
      let many = few.resized(toWidth: wide, toHeight: high, filter: .bilinear)
      for row in 0..<high {
        let start = 3 * ((top + row) * width + left)
        result.pixels.replaceSubrange(
          start..<start + 3 * wide, with: many.pixels[3 * row * wide..<3 * (row + 1) * wide])
      }
    }
    return result
  }
}
