import Foundation
import Images
import TestSupport
import Testing

/// The files come from `Tests/Reference/image_samples.py`; tifffile, Pillow and numpy made the
/// samples.
@Suite struct SampleTests {
  private static let cases = json("cases").filter { name, _ in
    ImageFormat.usualEndings.contains { name.hasSuffix("." + $0) }
  }

  private static func json(_ name: String) -> [String: [Int]] {
    try! JSONDecoder().decode(
      [String: [Int]].self, from: Data(Fixture.bytes("samples/\(name).json")))
  }

  private static func samples(_ name: String) throws -> [Float] {
    let bytes = try Fixture.bytes("samples/\(name).samples")
    return bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 4).map {
        Float(
          bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self))
        )
      }
    }
  }

  private func read(
    _ name: String, _ channels: Int, _ range: [ClosedRange<Float>] = []
  ) throws(ImageError) -> SampleImage {
    let bytes = try! Fixture.bytes("samples/\(name)")
    return try decodeSamples(
      bytes: bytes, name: name, format: SampleFormat(channels: channels, range: range))
  }

  @Test(
    "the samples of a file are those that tifffile or Pillow reads, to the last bit",
    arguments: cases.keys.sorted())
  func equal(_ name: String) throws {
    let shape = try #require(Self.cases[name])
    let image = try read(name, shape[0])
    #expect([image.channels, image.height, image.width] == shape)
    #expect(try image.values == Self.samples(name))
  }

  @Test("a range becomes 0 to 1, what lies beyond is clamped, and what is no number is 0")
  func range() throws {
    guard ImageFormat.readable.contains(.tiff) else { return }
    let raw = try Self.samples("six16.tif").map { ($0 * 65535).rounded() }
    let ranges: [ClosedRange<Float>] = (0..<6).map { channel in
      let (low, high) = (Float(1000 * channel), Float(40_000 + channel))
      return low...high
    }
    let values = try read("six16.tif", 6, ranges).values
    let plane = raw.count / 6
    for (index, value) in values.enumerated() {
      let range = ranges[index / plane]
      let scaled = (raw[index] - range.lowerBound) / (range.upperBound - range.lowerBound)
      #expect(value == min(max(scaled, 0), 1))
    }
    let odd: [Float] = [.nan, -.infinity, .infinity, -3, 2000, 500, 250, 1e30]
    let file = TIFFBuilder.grey(
      pixels: odd.flatMap { withUnsafeBytes(of: $0) { Array($0) } }, [258: 32, 339: 3, 279: 32])
    let format = SampleFormat(channels: 1, range: [0...1000])
    #expect(
      try decodeSamples(bytes: file, name: "odd", format: format).values
        == [0, 0, 1, 0, 1, 0.5, 0.25, 1])
    let found = problem { () throws(ImageError) in
      _ = try decodeSamples(bytes: file, name: "odd", format: SampleFormat(channels: 1))
    }
    #expect(
      found
        == .unsupported(
          "its fractions go from -3.0 to 1e+30, not from 0 to 1; data.range_min and "
            + "data.range_max say how to scale them"))
  }

  @Test(
    "colours become grey, grey becomes three channels, and other numbers of channels are refused")
  func channels() throws {
    let rgb = try Self.samples("rgb16.ppm")
    let count = rgb.count / 3
    let grey = try read("rgb16.ppm", 1).values
    for index in 0..<count {
      let expected =
        0.299 * rgb[index] + 0.587 * rgb[count + index] + 0.114 * rgb[2 * count + index]
      #expect(abs(grey[index] - expected) < 1e-6)
    }
    let one = try read("grey16.png", 1).values
    #expect(try read("grey16.png", 3).values == one + one + one)
    #expect(
      problem { () throws(ImageError) in _ = try read("grey16.png", 4) }
        == .unsupported("it has 1 channel, and data.channels is 4"))
    #expect(
      problem { () throws(ImageError) in _ = try read("rgb16.ppm", 6) }
        == .unsupported("it has 3 channels, and data.channels is 6"))
    // Of a file with alpha all samples are given to who asks for as many.
    let rgba = try read("rgba8.png", 4)
    #expect(try Array(rgba.values[..<(3 * count)]) == Self.samples("rgba8.png"))
  }

  @Test("files of 8 bits have the same samples through either reader")
  func eightBits() throws {
    for name in ["baseline.jpg", "rgb.png", "grey.jpg", "cmyk.jpg"] {
      let bytes = try Fixture.bytes(name)
      let image = try decode(bytes: bytes, name: name)
      let samples = try decodeSamples(
        bytes: bytes, name: name, format: SampleFormat(channels: 3))
      #expect(samples.picture() == image, "\(name)")
      var (ours, theirs) = ([Float](), [Float]())
      for (input, isSample) in [(image as any InputImage, false), (samples, true)] {
        let made = [Float](unsafeUninitializedCapacity: image.pixels.count) { to, count in
          input.normalised(
            mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4],
            into: .init(rebasing: to[..<image.pixels.count]))
          count = image.pixels.count
        }
        if isSample { ours = made } else { theirs = made }
      }
      #expect(ours == theirs, "\(name)")
    }
  }

  @Test("the upright image is that of the orientation's metadata")
  func orientation() throws {
    for number in 1...8 {
      let name = "orientation-\(number).png"
      guard let bytes = try? Fixture.bytes(name) else { continue }
      let image = try decode(bytes: bytes, name: name)
      let samples = try decodeSamples(bytes: bytes, name: name, format: SampleFormat(channels: 3))
      #expect(samples.picture() == image, "\(name)")
    }
    guard ImageFormat.readable.contains(.tiff) else { return }
    let plain = try decodeSamples(
      bytes: TIFFBuilder.grey(), name: "x", format: SampleFormat(channels: 1))
    let turned = try decodeSamples(
      bytes: TIFFBuilder.grey([274: 6]), name: "x", format: SampleFormat(channels: 1))
    #expect((turned.width, turned.height) == (2, 4))
    #expect(turned.values == [4, 0, 5, 1, 6, 2, 7, 3].map { plain.values[$0] })
  }

  @Test("files that declare more samples than memory holds are refused before it is taken")
  func bounded() {
    guard ImageFormat.readable.contains(.tiff) else { return }
    let changes: [[Int: Int]] = [
      [256: 10_000, 257: 10_000, 277: 65_535], [256: 100_000_000, 257: 1, 277: 1000],
    ]
    for change in changes {
      let found = problem { () throws(ImageError) in
        _ = try decodeSamples(
          bytes: TIFFBuilder.grey(change), name: "x", format: SampleFormat(channels: 1))
      }
      #expect(found?.isDamage == true || found?.isTooLarge == true, "\(change)")
    }
  }

  @Test(
    "a damaged file gives samples or an error",
    arguments: ["six16.tif", "four16-pages.tif", "grey16.png", "grey12.pgm"])
  func damaged(_ name: String) throws {
    guard let shape = Self.cases[name] else { return }
    let sound = try Fixture.bytes("samples/\(name)")
    var random = SystemRandomNumberGenerator()
    for _ in 0..<400 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      if Bool.random(using: &random) {
        bytes.removeLast(.random(in: 0..<bytes.count, using: &random))
      }
      let image = try? decodeSamples(
        bytes: bytes, name: name, format: SampleFormat(channels: shape[0]),
        limits: ImageLimits(pixels: 1 << 20))
      #expect(image.map { $0.channels == shape[0] && $0.values.allSatisfy { 0...1 ~= $0 } } ?? true)
    }
  }

  @Test("a resize is that of Pillow in mode F", arguments: json("resizes").keys.sorted())
  func resized(_ name: String) throws {
    let to = try #require(Self.json("resizes")[name])
    let source = SampleImage(width: 19, height: 11, values: try Self.samples("resize"))
    let expected = try Self.samples(name)
    // A second channel, to see that planes are kept apart.
    let both = SampleImage(
      width: 19, height: 11, values: source.values + source.values.map { 1 - $0 })
    let made = both.resizedCrop(
      left: 2, top: 1, width: 15, height: 9, toWidth: to[0], toHeight: to[1],
      filter: name.contains("bilinear") ? .bilinear : .bicubic)
    #expect(made.values.count == 2 * expected.count)
    for (index, value) in expected.enumerated() {
      #expect(abs(made.values[index] - value) < 2e-6)
      #expect(abs(made.values[expected.count + index] - (1 - value)) < 2e-6)
    }
  }
}
