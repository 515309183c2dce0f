import Crops
import Images
import Testing

/// A small generated picture and its changes, compared with results recorded from torchvision 0.28
/// with Pillow.
@Suite struct ColorTests {
  private static let picture: RGBImage = {
    var pixels = (0..<7 * 6 * 3).map { (i: Int) -> UInt8 in
      UInt8((i * 37 + (i * i % 53) * 5) % 256)
    }
    let special: [(x: Int, y: Int, color: [UInt8])] = [
      (3, 2, [90, 90, 90]), (1, 0, [200, 200, 10]), (6, 5, [0, 0, 0]), (2, 4, [255, 255, 255]),
    ]
    for (x, y, color) in special {
      pixels.replaceSubrange((y * 7 + x) * 3..<(y * 7 + x) * 3 + 3, with: color)
    }
    return RGBImage(width: 7, height: 6, pixels: pixels)
  }()

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let expected: String
    let change: @Sendable (inout RGBImage) -> Void

    init(_ name: String, _ expected: String, _ change: @escaping @Sendable (inout RGBImage) -> Void)
    {
      testDescription = name
      self.expected = expected
      self.change = change
    }
  }

  @Test("each change of color gives torchvision's pixels", arguments: cases)
  func changes(_ expected: Case) {
    var picture = Self.picture
    expected.change(&picture)
    let hex = picture.pixels.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
    #expect(hex.joined() == expected.expected)
  }

  @Test("the changes of samples are those of 8 bits, up to their rounding")
  func samples() throws {
    let changes:
      [(name: String, most: Float, change: @Sendable (inout any AugmentedImage) -> Void)] = [
        ("brightness", 1.01, { $0.changeBrightness(by: 1.37) }),
        ("contrast", 1.51, { $0.changeContrast(by: 0.71) }),
        ("saturation", 1.51, { $0.changeSaturation(by: 1.18) }),
        ("hue", 5, { $0.changeHue(by: -0.0713) }), ("grey", 0.6, { $0.makeGrey() }),
        ("solarise", 0.01, { $0.solarise() }), ("blur", 0.51, { $0.blur(sigma: 0.7) }),
        ("flip", 0.01, { $0.flip() }),
      ]
    let start = try Self.picture.samples(SampleFormat(channels: 3), name: "x")
    for (name, most, change) in changes {
      var (bytes, samples): (any AugmentedImage, any AugmentedImage) = (Self.picture, start)
      change(&bytes)
      change(&samples)
      let expected = try (bytes as! RGBImage).samples(SampleFormat(channels: 3), name: "x").values
      let made = (samples as! SampleImage).values
      let distance = zip(expected, made).map { abs($0 - $1) * 255 }.max()!
      #expect(distance <= most, "\(name)")
      #expect(name == "none" || made != start.values, "\(name)")
    }
  }

  @Test("each channel of an image without colours keeps its own mean when contrast changes")
  func contrastOfChannels() {
    let values: [Float] = [0.1, 0.3, 0.2, 0.2, 0.8, 0.6, 0.7, 0.9]
    var image = SampleImage(width: 2, height: 2, values: values)
    image.changeContrast(by: 0.5)
    let expected: [Float] = [0.15, 0.25, 0.2, 0.2, 0.775, 0.675, 0.725, 0.825]
    for (made, value) in zip(image.values, expected) { #expect(abs(made - value) < 1e-6) }
    image.changeBrightness(by: 10)
    #expect(image.values == Array(repeating: 1, count: 8))
  }

  private static let cases = [
    Case(
      "brightness up",
      "003980ffff0dc8ff82ff7fffa71aff933cfffccda0806e778098bdefff1f7bd8ff75ff3deb48ff7effea"
        + "7f2efffcd4ad958a8d7b7b7bff095ec1ff50dc0ab208be2fff8e1cffcd84562909ff0009204578b8ff04"
        + "61d8ff91ff74ffffffdf7308ffc6845d361e1315264470a9f1ff49baff65f23aef47ff8a17ffac000000"
    ) { $0.changeBrightness(by: 1.37) },
    Case(
      "brightness down",
      "001a3a7c7c065a993a86398c4b0b76421b92725d483a32353a44556c890e37619735771b6a2076399b6a"
        + "39158f72604e433e3f37373782042a578a2463045003561574400d845d3c2712049b00040e1f36537701"
        + "2c619e4184349e9e9e6534037d593c2a180d0809111f324c6d9321548d2d6d1a6c207e3e0a754e000000"
    ) { $0.changeBrightness(by: 0.62) },
    Case(
      "contrast down",
      "224065b0b0298ad265bc64c27930aa6f41caa58d75655c606571849ec0326292d05fab429c48aa63d49b"
        + "643ac7a5907c6f6a6b626262b8275386c04c94287e26853ba76c31b98d674f3727d4222733466082aa24"
        + "5492d76dba5ed7d7d7965e26b28967523e322c2d36465c7a9fcb4883c457a0419e47b36a2ea97b222222"
    ) { $0.changeContrast(by: 0.71) },
    Case(
      "contrast up",
      "001055e2e2009aff57f954ff7a00d66813ffcda07455444c556c90c1ff0050aaff4bd914bd1fd653ffbc"
        + "5405ffcda681695f61505050f1003494ff27ae0085009107d26300f4a0592c0000ff0000001c4d8cd800"
        + "37aaff65f549ffffffb14800e69959330d000000001b457dc2ff208dff3bc411c11de85f00d580000000"
    ) { $0.changeContrast(by: 1.33) },
    Case(
      "saturation up",
      "002b68cbcb0088ff4ce553f0830ad47024ffbd946d5f50575b6f8fade4004f9fff4bc91bb82bce49ffa6"
        + "601affbc9a796d64665a5a5aeb004385e625b1008d009419c86503de9355431c01ff000013335f83c700"
        + "3aa0ff5fde46ffffffae5100d38e564726110d0f1d2d5284acf51c7fec36bf21bc22d65c00c87d000000"
    ) { $0.changeSaturation(by: 1.18) },
    Case(
      "saturation down",
      "052853c4c4269bef70cc65d4701baa6832d3b3977b5c5156606e85b0d732639ce45fb83da03db06df0ae"
        + "5928cdb39b846c65675a5a5abb124693d74f91127713822bb06a25cc986c3a1f0cdc0c121b32518ab91c"
        + "539beb74ce62ffffff985615c3936b40291a0e101a365174b3e74e8fdc5ca334a144c26c24b37e000000"
    ) { $0.changeSaturation(by: 0.83) },
    Case(
      "hue forward",
      "02005e71c80a5ff871e25daebf13b5c72dedb8b4765e5151615e8a54de185e5af52dc149bf35935cfaf4"
        + "b723e8b8b5806d67655a5a5ad3240743df3ba1083b078b61bcb615d5cc623f3807fa64001b18582fc003"
        + "474bff56d67dffffffa39d06cbc261443d16120e1c34327c5dee364ae451b12b7034ccaa11b0be000000"
    ) { $0.changeHue(by: 0.0795) },
    Case(
      "hue back",
      "00525ec8750ad6f85f9f5de23013bf2d3fedb879765e515d5e828adeb6185ae1f596c12d7035bf5cfa67"
        + "233ee8b882806d656b5a5a5ad3079cd5df3b7f08a1238b07bc2115d564623f0707fa0076184e58c0a803"
        + "47f0ffa1d656ffffffa31106cb64614416170e161c32727ceedb36cce44a7a2bb146cc3411be32000000"
    ) { $0.changeHue(by: -0.0713) },
    Case(
      "grey",
      "232323b2b2b2c8c8c89191914545455555559c9c9c5656566d6d6db9b9b9949494909090686868c2c2c2"
        + "4a4a4aa0a0a06868685a5a5a4b4b4bb4b4b4444444575757787878a3a3a32525254c4c4c2f2f2f999999"
        + "8f8f8fa7a7a7ffffff6363639d9d9d2e2e2e1111114d4d4dc6c6c6b7b7b7626262939393838383000000"
    ) { $0.makeGrey() },
    Case(
      "solarise",
      "002a5e37370a6d075f265d1d7a13406c2c124769755e51575e6f755021175a610a563e2d5335405c0554"
        + "5d221747647f6d65675a5a5a2c074572203b5e087d0674234368152a69613f1e07050007183358783f03"
        + "4761006a29550000005c5406346e614428160e101c32527c4f1136771b4a4e2b5034336511417e000000"
    ) { $0.solarise() },
    Case(
      "blur 0.7",
      "5a6851859b499cc1649689ae7e5ba78458b68d82aa6561717f88648eac627e8d947e737d8b7095888c9e"
        + "7161898e7a71897f5f795d5b9b4e498c75598675675f8160948b55a9865d8e4a34a4332c6951385d6632"
        + "5ba3878abd72bab981a7704f9267434b50362d3d2361a28289cc6aadc57aa17a6e708d5f327047173d2a"
    ) { $0.blur(sigma: 0.7) },
    Case(
      "blur 1.9",
      "82856783846986816c877a72877377876f7b866d7c83856784846887816a87796e867272856d75836c76"
        + "868969878869898267887866846f658069657d67658990698a8d688b856388785d816c58786454746253"
        + "8c986b8c94698d8962887a597d6c507262486c5e478c9b6c8d976a8e8c62877c577b6d4d6e6244685e42"
    ) { $0.blur(sigma: 1.9) },
    Case(
      "flip",
      "b896756c2ced7a13bfd95de292f85fc8c80a002a5e5cfaabac35bf56c12d5a9ef5afde175e6f8a5e5157"
        + "a108828ddf3bd307455a5a5a6d6567b89b7f5d22e887c003183358fa00073f1e07d59661bc6815068b23"
        + "0e101c442816cb9161a35406ffffff6ad655479eff00000011be7e34cc65b12baf88e44ab0ee3632527c"
    ) { $0.flip() },
  ]
}
