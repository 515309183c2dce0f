import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// All that differs between two images of one class, and that no class differs in.
struct TextureLook {
  /// Pixels to periods (of a texture whose `period` is 1): a turn and a scale.
  var across: SIMD2<Float>
  var down: SIMD2<Float>
  var phase: SIMD2<Float>
  /// A slow wave bends the lines: its size in periods, its frequency in turns a pixel.
  var bend: SIMD2<Float>
  var bendFrequency: SIMD2<Float>
  var bendPhase: SIMD2<Float>
  var seed: UInt32

  /// Red, green, blue of the pattern's mean, 0 … 255.
  var middle: SIMD3<Float>
  /// How far one deviation of the pattern moves each of them; the sign is the pattern's polarity.
  var swing: SIMD3<Float>
  /// Change of brightness from the picture's centre to its sides.
  var light: SIMD2<Float>

  /// A look for an image of `size` pixels a side.
  init(drawnFrom random: inout CounterRandom, size: Int) {
    let scale = Float(size) / 64
    let turn = random.uniform(-0.4, 0.4)
    let frequency = 1 / (random.uniform(9.5, 12.5) * scale)
    across = SIMD2(cosf(turn), -sinf(turn)) * frequency
    down = SIMD2(sinf(turn), cosf(turn)) * frequency
    phase = SIMD2(random.uniform(0, 64), random.uniform(0, 64))
    bend = SIMD2(random.uniform(0, 0.14), random.uniform(0, 0.14))
    let slow = 1 / (60 * scale)
    bendFrequency = SIMD2(random.uniform(0.6, 1.3), random.uniform(0.6, 1.3)) * slow
    bendPhase = SIMD2(random.uniform(), random.uniform())
    seed = random.next32()

    let brightness = random.uniform(105, 150)
    let tint = SIMD3(random.uniform(-7, 7), random.uniform(-7, 7), random.uniform(-7, 7))
    middle = SIMD3(repeating: brightness) + tint
    let contrast = random.uniform(30, 48) * (random.chance(0.5) ? 1 : -1)
    let hueShift = SIMD3(random.uniform(-4, 4), random.uniform(-4, 4), random.uniform(-4, 4))
    swing = SIMD3(repeating: contrast) + hueShift
    light = SIMD2(random.uniform(-14, 14), random.uniform(-14, 14))
  }
}
