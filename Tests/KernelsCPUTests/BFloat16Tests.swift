import Kernels
import KernelsCPU
import Tensor
import Testing

/// Products of bfloat16 are exact in fp32, so what is left against doubles is the rounding of sums.
@Suite("bfloat16")
struct BFloat16Tests {
  private func rounded(_ w: Workspace, _ matrix: Matrix) -> [Double] {
    w.values(matrix).map(nearestBFloat16)
  }

  @Test("linear multiplies rounded factors and adds in fp32", arguments: LinearTests.shapes)
  func forward(m: Int, n: Int, k: Int) {
    let w = Workspace(precision: .bf16)
    let (x, weight, bias) = (w.random(m, k), w.random(n, k), w.random(n))
    let y = w.unset(m, n)
    w.kernels.linear(x, weight: weight, bias: bias, into: y)
    let product = naiveProduct(rounded(w, x), rounded(w, weight), m: m, n: n, k: k, turnB: true)
    let added = w.doubles(bias)
    #expect(relativeError(w.values(y), product.enumerated().map { $1 + added[$0 % n] }) < 1e-5)
  }

  @Test("linear's gradients are products of rounded factors", arguments: LinearTests.shapes)
  func backward(m: Int, n: Int, k: Int) {
    let w = Workspace(precision: .bf16)
    let (x, weight, dy) = (w.random(m, k), w.random(n, k), w.random(m, n))
    let (dx, dWeight, dBias) = (w.unset(m, k), w.random(n, k), w.random(n))
    let before = w.doubles(dWeight)
    w.kernels.linearBackward(dy, x: x, weight: weight, dx: dx, dWeight: dWeight, dBias: dBias)
    let toX = naiveProduct(rounded(w, dy), rounded(w, weight), m: m, n: k, k: n)
    let toWeight = naiveProduct(rounded(w, dy), rounded(w, x), m: n, n: k, k: m, turnA: true)
    #expect(relativeError(w.values(dx), toX) < 1e-5)
    #expect(relativeError(w.values(dWeight), zip(toWeight, before).map { $0 + $1 }) < 1e-5)
  }

  /// Even numbers of columns: rows by the result's rows, its columns and the inner dimension.
  @Test(
    "matrices of bfloat16 give what the same values give in fp32",
    arguments: [(401, 38, 300), (10, 532, 46), (22, 36, 2100), (130, 260, 258)])
  func halves(m: Int, n: Int, k: Int) {
    let w = Workspace(precision: .bf16)
    let (x, weight, bias, dy) = (w.random(m, k), w.random(n, k), w.random(n), w.random(m, n))
    let (halfX, halfDy) = (w.rounded(x), w.rounded(dy))
    let (y, halfY) = (w.unset(m, n), w.rounded(w.unset(m, n)))
    w.kernels.linear(x, weight: weight, bias: bias, into: y)
    w.kernels.linear(halfX, weight: weight, bias: bias, into: halfY)
    #expect(w.halves(halfY) == w.values(y).map { Float(nearestBFloat16($0)) })
    func gradients(_ x: Matrix, _ dy: Matrix) -> [[Float]] {
      let (dx, dWeight) = (w.unset(m, k), w.buffer(n * k, filled: 0).matrix(n, k))
      w.kernels.linearBackward(dy, x: x, weight: weight, dx: dx, dWeight: dWeight, dBias: nil)
      return [w.values(dx), w.values(dWeight)]
    }
    #expect(gradients(halfX, halfDy) == gradients(x, dy))
    #expect(gradients(x, halfDy) == gradients(x, dy))
  }

  @Test("attention reads and writes bfloat16", arguments: [1, 17, 50, 331])
  func attentionOfHalves(length: Int) {
    let (heads, width) = (2, 40)
    let groups = [SequenceGroup(count: 2, length: length)]
    let w = Workspace(precision: .bf16)
    let (qkv, dOut) = (w.random(2 * length, 3 * width), w.random(2 * length, width))
    let half = w.rounded(qkv)
    func results(_ qkv: Matrix, _ out: Matrix) -> (Matrix, [Float]) {
      let dQKV = w.unset(2 * length, 3 * width)
      let sums = w.buffer(2 * length * heads, filled: .nan)
      w.kernels.attention(qkv, sequences: groups, heads: heads, logSumExp: sums, into: out)
      w.kernels.attentionBackward(
        dOut, qkv: qkv, out: out, sequences: groups, heads: heads, logSumExp: sums, dQKV: dQKV)
      return (out, w.values(dQKV))
    }
    let (out, gradient) = results(qkv, w.unset(2 * length, width))
    let (halfOut, halfGradient) = results(half, w.rounded(w.unset(2 * length, width)))
    #expect(w.halves(halfOut) == w.values(out).map { Float(nearestBFloat16($0)) })
    #expect(relativeError(halfGradient, gradient.map(Double.init)) < 2e-2)
  }

  @Test("products that are no layer's stay in fp32")
  func multiply() {
    let w = Workspace(precision: .bf16)
    let (a, b, y) = (w.random(21, 33), w.random(33, 18), w.unset(21, 18))
    w.kernels.multiply(a, transposed: false, b, accumulate: false, into: y)
    let product = naiveProduct(w.doubles(a), w.doubles(b), m: 21, n: 18, k: 33)
    #expect(relativeError(w.values(y), product) < 1e-5)
  }

  /// Lengths of sequences: shorter than a vector, odd, several blocks of scores.
  @Test("attention and its gradient are those of fp32 to a rounding", arguments: [1, 17, 50, 331])
  func attention(length: Int) {
    let (heads, width) = (2, 40)
    let groups = [SequenceGroup(count: 2, length: length), SequenceGroup(count: 1, length: 5)]
    let tokens = 2 * length + 5
    func results(_ precision: Precision) -> (out: [Float], gradient: [Float]) {
      let w = Workspace(precision: precision)
      let (qkv, dOut) = (w.random(tokens, 3 * width), w.random(tokens, width))
      let (out, dQKV) = (w.unset(tokens, width), w.unset(tokens, 3 * width))
      let sums = w.buffer(tokens * heads, filled: .nan)
      w.kernels.attention(qkv, sequences: groups, heads: heads, logSumExp: sums, into: out)
      w.kernels.attentionBackward(
        dOut, qkv: qkv, out: out, sequences: groups, heads: heads, logSumExp: sums, dQKV: dQKV)
      return (w.values(out), w.values(dQKV))
    }
    let (single, half) = (results(.fp32), results(.bf16))
    #expect(relativeError(half.out, single.out.map(Double.init)) < 1e-2)
    #expect(relativeError(half.gradient, single.gradient.map(Double.init)) < 2e-2)
    #expect(half.out != single.out)
  }

  @Test("prototypes and their gradients are those of fp32 to a rounding", arguments: [1, 19, 130])
  func prototypes(rows: Int) {
    let (count, width) = (603, 48)
    func results(_ precision: Precision) -> [[Float]] {
      let w = Workspace(precision: precision)
      let (x, v, g) = (w.random(rows, width), w.random(count, width), w.random(count, around: 2))
      let (logits, norms) = (w.unset(rows, count), w.buffer(count, filled: .nan))
      w.kernels.prototypeNorms(v, into: norms)
      w.kernels.prototypes(x, v: v, g: g, norms: norms, into: logits)
      let dLogits = w.random(rows, count)
      let dx = w.unset(rows, width)
      let dV = w.buffer(count * width, filled: 0).matrix(count, width)
      w.kernels.prototypesBackward(dLogits, x: x, v: v, g: g, norms: norms, dx: dx, dV: dV)
      return [w.values(logits), w.values(dx), w.values(dV)]
    }
    for (half, single) in zip(results(.bf16), results(.fp32)) {
      #expect(relativeError(half, single.map(Double.init)) < 1e-2)
    }
  }
}
