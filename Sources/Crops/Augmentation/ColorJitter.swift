import Images
import Tensor

/// The ranges of the random factors, as for torchvision's `ColorJitter`.
struct JitterStrength: Sendable {
  var brightness: Double
  var contrast: Double
  var saturation: Double
  var hue: Double
}

/// torchvision's `ColorJitter`.
enum ColorJitter {
  /// Changes an image by random factors in random order.
  static func apply(
    _ image: inout some AugmentedImage, _ strength: JitterStrength, _ random: inout CounterRandom
  ) {
    func factor(_ reach: Double) -> Float { Float(between(max(0, 1 - reach)...1 + reach, &random)) }
    let order = random.permutation(4)
    let factors = (
      factor(strength.brightness), factor(strength.contrast), factor(strength.saturation),
      Float(between(-strength.hue...strength.hue, &random))
    )
    for change in order {
      switch change {
      case 0 where strength.brightness > 0: image.changeBrightness(by: factors.0)
      case 1 where strength.contrast > 0: image.changeContrast(by: factors.1)
      case 2 where strength.saturation > 0: image.changeSaturation(by: factors.2)
      case 3 where strength.hue > 0: image.changeHue(by: factors.3)
      default: break
      }
    }
  }
}
