import Images
import TestSupport
import Testing

@Suite("Damaged pictures", .serialized)
struct MutationTests {
  private static let limits = ImageLimits(pixels: 1 << 20)

  /// Decodes damaged versions of files, after a change by their number. Returns what was wrong.
  private func problems(
    _ reader: String, _ sound: [[UInt8]], accepted: ClosedRange<Double> = 0.02...0.75,
    change: ([UInt8], Int) -> [UInt8] = { bytes, _ in bytes }
  ) -> [String] {
    Mutations.problems(reader, sound, megabytes: 64, accepted: accepted) { bytes, number in
      let image = try decode(
        bytes: change(bytes, number), name: "damaged", limits: Self.limits)
      guard image.width > 0, image.height > 0,
        image.width * image.height <= Self.limits.pixels,
        image.pixels.count == 3 * image.width * image.height
      else { throw MutationRefusal("\n\(image.width) × \(image.height)") }
    }
  }

  @Test("a damaged JPEG file gives a picture or an error")
  func jpeg() throws {
    let names = ["baseline", "progressive", "cmyk", "grey", "orientation-6", "stored-rgb"]
    let sound = try names.map { try Fixture.bytes("\($0).jpg") }
    #expect(problems("jpeg", sound + [try turnedByXMP()]) == [])
  }

  @Test("a damaged PNG file gives a picture or an error")
  func png() throws {
    let names = ["palette", "rgb-interlaced", "orientation-6", "rgb16", "grey-2bit-interlaced"]
    let sound = try names.map { try Fixture.bytes("\($0).png") }
    let texts = try PNGBuilder.texts.map { try PNGBuilder.rgb(before: $0) }
    // Half of them with sound checksums, so that what the chunks hold is read.
    let problems = problems("png", sound + texts) { bytes, number in
      number % 2 == 0 ? bytes : PNGBuilder.mended(bytes)
    }
    #expect(problems == [])
  }

  @Test(
    "a damaged file of any other format gives a picture or an error",
    arguments: ["tif", "webp", "gif", "bmp", "ppm", "pgm", "pbm"])
  func others(_ ending: String) throws {
    let names = Fixture.formats.keys.filter { $0.hasSuffix("." + ending) }.sorted()
    try #require(names.isEmpty != ImageFormat.usualEndings.contains(ending))
    if names.isEmpty { return }
    let sound = try names.map { try Fixture.format($0) }
    #expect(problems(ending, sound, accepted: 0.02...0.9) == [])
  }

  @Test("a picture with damaged EXIF or XMP is decoded all the same")
  func metadata() throws {
    let (jpeg, png) = (try Fixture.bytes("baseline.jpg"), try Fixture.bytes("rgb.png"))
    let xmp = Array("http://ns.adobe.com/xap/1.0/\0".utf8) + PNGBuilder.xmp(6)
    let sound = [PNGBuilder.exif(6), xmp, PNGBuilder.profile(PNGBuilder.exif(6))]
    let problems = problems("metadata", sound, accepted: 1...1) { bytes, number in
      let data = Array(bytes.prefix(60_000))
      if number % 3 == 2 {
        let chunk = PNGBuilder.plainText(PNGBuilder.profileKey, data)
        return png[..<33] + chunk + png[33...]
      }
      let length = data.count + 2
      return jpeg[..<2] + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 0xFF)] + data + jpeg[2...]
    }
    #expect(problems == [])
  }

  private func turnedByXMP() throws -> [UInt8] {
    let packet = Array("http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation=\"6\"/>".utf8)
    var bytes = try Fixture.bytes("baseline.jpg")
    bytes.insert(contentsOf: [0xFF, 0xE1, 0, UInt8(packet.count + 2)] + packet, at: 2)
    return bytes
  }
}
