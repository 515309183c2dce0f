import Kernels
import Tensor
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Rotated queries and keys")
struct RotationTests {
  private let heads = 2

  /// Two groups of sequences, of 2 and of 1 tokens before 3 and 5 patches.
  private let sequences = [SequenceGroup(count: 2, length: 5), SequenceGroup(count: 3, length: 6)]
  private let patches = [3, 5]

  private func angle(_ group: Int, _ patch: Int, _ index: Int) -> Double {
    Double(group + 1) * 0.3 + Double(patch) * 1.7 - Double(index) * 0.9
  }

  private func rotations(_ w: Workspace, half: Int) -> [Matrix] {
    patches.enumerated().map { group, count in
      let values = (0..<count).flatMap { patch -> [Float] in
        let angles = (0..<half).map { angle(group, patch, $0) }
        return angles.map { Float(cos($0)) } + angles.map { Float(sin($0)) }
      }
      return w.buffer(values).matrix(count, 2 * half)
    }
  }

  /// The plain statement: each pair of a head's elements as a complex number times e^(i · angle).
  private func expected(_ x: [Double], half: Int) -> [Double] {
    var y = x
    let row = 3 * heads * 2 * half
    var first = 0
    for (group, sequence) in sequences.enumerated() {
      for number in 0..<sequence.count {
        for patch in 0..<patches[group] {
          let token = first + number * sequence.length + sequence.length - patches[group] + patch
          for head in 0..<2 * heads {
            for index in 0..<half {
              let place = token * row + head * 2 * half + index
              let (c, s) = (cos(angle(group, patch, index)), sin(angle(group, patch, index)))
              let (a, b) = (x[place], x[place + half])
              (y[place], y[place + half]) = (a * c - b * s, a * s + b * c)
            }
          }
        }
      }
      first += sequence.tokens
    }
    return y
  }

  @Test(
    "are turned by their patch's angles; CLS, registers and values stay",
    arguments: [6, 16, 32, 34])
  func forward(half: Int) {
    let w = Workspace()
    let tokens = sequences.reduce(0) { $0 + $1.tokens }
    let qkv = w.random(tokens, 3 * heads * 2 * half)
    let (before, expected) = (w.values(qkv), expected(w.doubles(qkv), half: half))
    w.kernels.rotate(qkv, sequences: sequences, heads: heads, by: rotations(w, half: half))
    let after = w.values(qkv)
    #expect(relativeError(after, expected) < 1e-6)
    let row = qkv.columns
    let isSame = [0, 1, 5, 6, 10, 16, 22].allSatisfy { token in
      before[token * row..<(token + 1) * row] == after[token * row..<(token + 1) * row]
    }
    #expect(isSame)
  }

  @Test("in bfloat16 are rounded once")
  func rounded() {
    let w = Workspace(precision: .bf16)
    let tokens = sequences.reduce(0) { $0 + $1.tokens }
    let qkv = w.rounded(w.random(tokens, 3 * heads * 16))
    let expected = expected(w.halves(qkv).map(Double.init), half: 8)
    w.kernels.rotate(qkv, sequences: sequences, heads: heads, by: rotations(w, half: 8))
    let isNear = zip(w.halves(qkv), expected).allSatisfy { found, exact in
      abs(Double(found) - exact) <= abs(exact) / 250 + 1e-6
    }
    #expect(isNear)
  }
}
