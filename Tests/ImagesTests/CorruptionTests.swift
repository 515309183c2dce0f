import Images
import TestSupport
import Testing

@Suite struct CorruptionTests {
  private static let limits = ImageLimits(pixels: 1 << 20)

  /// Decodes damaged versions of files, in turns. Returns how many were refused.
  private func refusals(of sound: [[UInt8]], seed: UInt64) throws -> Int {
    var mutator = Mutator(seed: seed)
    var refused = 0
    for number in 0..<Mutator.count {
      let bytes = mutator.mutate(sound[number % sound.count])
      do throws(ImageError) {
        let image = try decode(bytes: bytes, name: "damaged", limits: Self.limits)
        #expect(image.width > 0 && image.height > 0)
        #expect(image.width * image.height <= Self.limits.pixels)
      } catch {
        refused += 1
      }
    }
    return refused
  }

  @Test("a thousand ways of spoiling JPEG files give a picture or an error, never a crash")
  func jpeg() throws {
    let names = ["baseline", "progressive", "cmyk", "grey", "orientation-6", "stored-rgb"]
    let sound = try names.map { try Fixture.bytes("\($0).jpg") }
    let refused = try refusals(of: sound + [turnedByXMP()], seed: 1)
    #expect(refused > Mutator.count / 4 && refused < Mutator.count)
  }

  @Test("a thousand ways of spoiling PNG files give a picture or an error, never a crash")
  func png() throws {
    let names = ["palette", "rgb-interlaced", "orientation-6", "rgb16", "grey-2bit-interlaced"]
    let sound = try names.map { try Fixture.bytes("\($0).png") }
    let texts = try PNGBuilder.texts.map { try PNGBuilder.rgb(before: $0) }
    let refused = try refusals(of: sound + texts, seed: 2)
    #expect(refused > Mutator.count / 4 && refused < Mutator.count)
  }

  private func turnedByXMP() throws -> [UInt8] {
    let packet = Array("http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation=\"6\"/>".utf8)
    var bytes = try Fixture.bytes("baseline.jpg")
    bytes.insert(contentsOf: [0xFF, 0xE1, 0, UInt8(packet.count + 2)] + packet, at: 2)
    return bytes
  }
}
