import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// Everything that differs between two images of one class and does not depend on the class.
struct TextureLook {
  /// Maps pixels to periods of a texture whose `period` is 1: a rotation and a scale.
  var across: SIMD2<Float>
  var down: SIMD2<Float>
  var phase: SIMD2<Float>
  /// Slow waves that bend the pattern's lines, in periods.
  var bendU: SlowWaves
  var bendV: SlowWaves
  var seed: UInt32

  /// Red, green, blue of the pattern's mean, 0 … 255.
  var middle: SIMD3<Float>
  /// The change of each of them by one standard deviation of the pattern. The sign is the
  /// pattern's polarity.
  var swing: SIMD3<Float>
  /// A slow change of brightness over the image.
  var light: SlowWaves

  /// Draws the look of an image of `size` pixels a side.
  init(drawnFrom random: inout CounterRandom, size: Int) {
    let scale = Float(size) / 64
    let turn = random.uniform(-0.4, 0.4)
    let frequency = 1 / (random.uniform(9.5, 12.5) * scale)
    across = SIMD2(cosf(turn), -sinf(turn)) * frequency
    down = SIMD2(sinf(turn), cosf(turn)) * frequency
    phase = SIMD2(random.uniform(0, 64), random.uniform(0, 64))
    bendU = SlowWaves(drawnFrom: &random, size: size, height: 0.15)
    bendV = SlowWaves(drawnFrom: &random, size: size, height: 0.15)
    seed = random.next32()

    let tint = SIMD3(random.uniform(-7, 7), random.uniform(-7, 7), random.uniform(-7, 7))
    middle = SIMD3(repeating: 127) + tint
    let contrast: Float = random.chance(0.5) ? 39 : -39
    let hueShift = SIMD3(random.uniform(-4, 4), random.uniform(-4, 4), random.uniform(-4, 4))
    swing = SIMD3(repeating: contrast) + hueShift
    light = SlowWaves(drawnFrom: &random, size: size, height: 15)
  }
}

/// Two plane waves whose wavelengths are close to the side of the image.
struct SlowWaves {
  /// For each wave: the frequency along x and y in periods a pixel, and the phase in periods.
  private var frequencyX: SIMD2<Float>
  private var frequencyY: SIMD2<Float>
  private var phase: SIMD2<Float>
  private let height: Float

  init(drawnFrom random: inout CounterRandom, size: Int, height: Float) {
    frequencyX = .zero
    frequencyY = .zero
    phase = .zero
    self.height = height
    for wave in 0..<2 {
      let direction = random.uniform(0, 2 * .pi)
      let frequency = random.uniform(0.8, 1.6) / Float(size)
      frequencyX[wave] = cosf(direction) * frequency
      frequencyY[wave] = sinf(direction) * frequency
      phase[wave] = random.uniform()
    }
  }

  @inline(__always)
  func value(_ x: Lanes, _ y: Lanes) -> Lanes {
    let first = TextureMath.wave(x * frequencyX[0] + y * frequencyY[0] + phase[0])
    let second = TextureMath.wave(x * frequencyX[1] + y * frequencyY[1] + phase[1])
    return (first + second) * height
  }
}
