import Foundation
import Images
import Testing

/// The files come from `Tests/Reference/image_formats.py`. Pillow 13.0 read the pixels or, where it
/// does not define them, tifffile the samples.
@Suite struct FormatTests {
  private static let names = Fixture.formats.keys.sorted()

  @Test("a file of any format has the pixels that PIL reads, to the bit", arguments: names)
  func pixels(_ name: String) throws {
    #expect(try decode(bytes: Fixture.format(name), name: name) == Fixture.expected(name))
  }

  @Test("the size that is read alone is that of the upright image", arguments: names)
  func size(_ name: String) throws {
    let expected = try Fixture.expected(name)
    let size = try imageSize(path: Fixture.path("formats/\(name)"))
    #expect(size == ImageSize(width: expected.width, height: expected.height))
  }

  @Test("there are cases of every format that is read beyond JPEG and PNG")
  func all() {
    let endings = Set(Self.names.map { String($0.split(separator: ".").last!) })
    #expect(endings.isSubset(of: ImageFormat.usualEndings))
    #expect(endings.count >= ImageFormat.readable.count - 2 && Self.names.count > endings.count)
  }

  @Test("the formats make a list for messages, and only usual endings are taken on trust")
  func table() {
    #expect(ImageFormat.readable.starts(with: [.jpeg, .png]))
    #expect(ImageFormat.list("and").hasPrefix("JPEG, PNG, "))
    #expect(ImageFormat.list("or").hasSuffix(" or PPM"))
    #expect(ImageFormat.usualEndings.starts(with: ["jpg", "jpeg", "png"]))
    #expect(ImageFormat.usualEndings.allSatisfy { $0 == $0.lowercased() && !$0.contains(".") })
    for format in ImageFormat.allCases {
      #expect(ImageFormat.readable.contains(format) == (format.missingPackage == nil))
    }
  }

  @Test("the size of a long file is found whether its metadata come first or last")
  func longFiles() throws {
    try Fixture.inTemporaryFolder { folder in
      for name in ["exif.webp", "lossless.webp", "orientation-6.tif", "rgb.bmp", "rgb.ppm"]
      where Fixture.formats[name] != nil {
        var bytes = try Fixture.format(name)
        if name.hasSuffix(".webp") {
          // A chunk that is unknown, before the metadata or at the end.
          let length = 70_000
          let chunk = Array("JUNK".utf8) + little(length) + [UInt8](repeating: 0, count: length)
          let exif = bytes.indices.first { bytes[$0...].starts(with: "EXIF".utf8) }
          bytes.insert(contentsOf: chunk, at: exif ?? bytes.count)
          bytes.replaceSubrange(4..<8, with: little(bytes.count - 8))
        } else {
          bytes += [UInt8](repeating: 0, count: 70_000)
        }
        let path = "\(folder)/\(name)"
        try write(bytes, to: path)
        let image = try decode(path: path)
        #expect(try image == Fixture.expected(name), "\(name)")
        #expect(try imageSize(path: path) == ImageSize(width: image.width, height: image.height))
      }
    }
  }

  private func little(_ value: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(value).littleEndian) { Array($0) }
  }
}
