import Foundation
import Kernels
import Tensor
import Testing

@Suite("Attention")
struct AttentionTests {
  /// Attention over packed sequences, with what it leaves.
  struct Case {
    let w = Workspace()
    let sequences: [SequenceGroup]
    let heads: Int
    let qkv, out: Matrix
    let logSumExp: Buffer

    init(_ sequences: [SequenceGroup], heads: Int, width: Int) {
      self.sequences = sequences
      self.heads = heads
      let tokens = sequences.reduce(0) { $0 + $1.tokens }
      qkv = w.random(tokens, 3 * width)
      out = w.unset(tokens, width)
      logSumExp = w.buffer(tokens * heads, filled: .nan)
    }

    func forward() {
      w.kernels.attention(
        qkv, sequences: sequences, heads: heads, logSumExp: logSumExp, into: out)
    }

    func backward(_ dOut: Matrix) -> Matrix {
      let dQKV = w.unset(qkv.rows, qkv.columns)
      w.kernels.attentionBackward(
        dOut, qkv: qkv, out: out, sequences: sequences, heads: heads, logSumExp: logSumExp,
        dQKV: dQKV)
      return dQKV
    }

    /// Where the numbers of one head in one sequence stand.
    private struct Positions {
      let start: Int
      let head: Int
      let width: Int
      let d: Int

      /// Element i of a token's query (part 0), key (1) or value (2) in qkv.
      func of(_ part: Int, _ token: Int, _ i: Int) -> Int {
        (start + token) * 3 * width + part * width + head * d + i
      }

      /// The first element of a token in out.
      func row(_ token: Int) -> Int { (start + token) * width + head * d }
    }

    /// Adds one head of one sequence to the result and the gradient.
    private func sequence(
      _ length: Int, _ at: Positions, _ x: [Double], _ dOut: [Double]?, _ result: inout [Double],
      _ gradient: inout [Double]
    ) {
      let d = at.d
      for query in 0..<length {
        let scores = (0..<length).map { key in
          (0..<d).reduce(0.0) { $0 + x[at.of(0, query, $1)] * x[at.of(1, key, $1)] }
            / Double(d).squareRoot()
        }
        let top = scores.max()!
        let powers = scores.map { exp($0 - top) }
        let total = powers.reduce(0, +)
        let place = at.row(query)
        for key in 0..<length {
          let p = powers[key] / total
          for i in 0..<d { result[place + i] += p * x[at.of(2, key, i)] }
        }
        guard let dOut else { continue }
        let mean = (0..<d).reduce(0.0) { $0 + dOut[place + $1] * result[place + $1] }
        for key in 0..<length {
          let p = powers[key] / total
          let dp = (0..<d).reduce(0.0) { $0 + dOut[place + $1] * x[at.of(2, key, $1)] }
          let ds = p * (dp - mean) / Double(d).squareRoot()
          for i in 0..<d {
            gradient[at.of(0, query, i)] += ds * x[at.of(1, key, i)]
            gradient[at.of(1, key, i)] += ds * x[at.of(0, query, i)]
            gradient[at.of(2, key, i)] += p * dOut[place + i]
          }
        }
      }
    }

    /// out and, where `dOut` is given, the gradient by qkv, in double precision.
    func naive(_ dOut: [Double]? = nil) -> (out: [Double], dQKV: [Double]) {
      let (width, x) = (out.columns, w.doubles(qkv))
      let d = width / heads
      var result = [Double](repeating: 0, count: qkv.rows * width)
      var gradient = [Double](repeating: 0, count: x.count)
      var first = 0
      for group in sequences {
        for start in stride(from: first, to: first + group.tokens, by: group.length) {
          for head in 0..<heads {
            sequence(
              group.length, Positions(start: start, head: head, width: width, d: d), x, dOut,
              &result, &gradient)
          }
        }
        first += group.tokens
      }
      return (result, gradient)
    }
  }

  static let small = [SequenceGroup(count: 2, length: 5), SequenceGroup(count: 1, length: 17)]
  static let large = [
    SequenceGroup(count: 3, length: 37), SequenceGroup(count: 0, length: 99),
    SequenceGroup(count: 1, length: 301), SequenceGroup(count: 4, length: 10),
    SequenceGroup(count: 2, length: 1),
  ]

  @Test("every head of every sequence is softmax(q kᵀ / √d) v, and its gradient follows")
  func naive() {
    let test = Case(Self.large, heads: 2, width: 48)
    let w = test.w
    test.forward()
    let dOut = w.random(test.out.rows, 48)
    let expected = test.naive(w.doubles(dOut))
    #expect(relativeError(w.values(test.out), expected.out) < 1e-5)
    #expect(relativeError(w.values(test.backward(dOut)), expected.dQKV) < 1e-5)
  }

  @Test("gradients match differences", arguments: [(2, 10), (3, 96), (1, 7)])
  func differences(heads: Int, width: Int) {
    let test = Case(Self.small, heads: heads, width: width)
    let w = test.w
    test.forward()
    let dOut = w.random(test.out.rows, width)
    let dQKV = w.values(test.backward(dOut))
    let expected = w.differences(test.qkv.buffer) {
      test.forward()
      return w.projection(test.out, on: dOut)
    }
    #expect(relativeError(dQKV, expected) < 5e-3)
  }

  @Test("scores far beyond what exp can hold give weights that sum to one")
  func largeScores() {
    let test = Case(Self.small, heads: 1, width: 16)
    let w = test.w
    w.kernels.upload(w.values(test.qkv).map { $0 * 100 }, to: test.qkv.buffer)
    test.forward()
    #expect(relativeError(w.values(test.out), test.naive().out) < 1e-3)
  }
}
