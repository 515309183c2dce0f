import Kernels
import Tensor
import Testing

@Suite("Tokens")
struct TokenTests {
  @Test("patches hold their pixels in the order of a convolution's weight")
  func patchify() {
    let w = Workspace()
    let (count, patch, rows, columns) = (2, 3, 4, 5)
    let images = w.random(count * 3 * rows * patch * columns * patch)
    let patches = w.unset(count * rows * columns, 3 * patch * patch)
    w.kernels.patchify(images, patch: patch, rows: rows, columns: columns, into: patches)
    let pixels = w.values(images)
    var expected: [Float] = []
    for n in 0..<count {
      for r in 0..<rows {
        for c in 0..<columns {
          for channel in 0..<3 {
            for y in 0..<patch {
              for x in 0..<patch {
                let line = (n * 3 + channel) * rows * patch + r * patch + y
                expected.append(pixels[line * columns * patch + c * patch + x])
              }
            }
          }
        }
      }
    }
    #expect(w.values(patches) == expected)
  }

  /// The parts of an assembly of three images of four patches, seven wide.
  struct Parts {
    let w = Workspace()
    let patches, positions, maskToken, cls, tokens: Matrix
    let registers: Matrix?
    let masks: Indices?

    init(registers count: Int, masked: Bool) {
      patches = w.random(12, 7)
      positions = w.random(5, 7)
      maskToken = w.random(1, 7)
      cls = w.random(1, 7)
      registers = count > 0 ? w.random(count, 7) : nil
      masks = masked ? w.indices([0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0]) : nil
      tokens = w.unset(3 * (5 + count), 7)
    }

    func assemble() {
      w.kernels.assembleTokens(
        patches: patches, cls: cls.buffer, registers: registers, maskToken: maskToken.buffer,
        masks: masks, positions: positions, into: tokens)
    }
  }

  @Test("registers stand behind CLS without a position, masks come before positions")
  func assembly() {
    let parts = Parts(registers: 2, masked: true)
    parts.assemble()
    let w = parts.w
    func row(_ m: Matrix, _ i: Int) -> [Float] { w.values(m.rows(i..<i + 1)) }
    func sum(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { $0 + $1 } }
    let masked: Set = [1, 4, 5, 7]
    for image in 0..<3 {
      let first = image * 7
      #expect(row(parts.tokens, first) == sum(row(parts.cls, 0), row(parts.positions, 0)))
      for i in 0..<2 { #expect(row(parts.tokens, first + 1 + i) == row(parts.registers!, i)) }
      for i in 0..<4 {
        let index = image * 4 + i
        let content =
          masked.contains(index) ? row(parts.maskToken, 0) : row(parts.patches, index)
        let expected = sum(content, row(parts.positions, 1 + i))
        #expect(row(parts.tokens, first + 3 + i) == expected)
      }
    }
  }

  @Test("without positions CLS, registers and patches are what they were")
  func withoutPositions() {
    let parts = Parts(registers: 2, masked: false)
    let w = parts.w
    w.kernels.assembleTokens(
      patches: parts.patches, cls: parts.cls.buffer, registers: parts.registers,
      maskToken: parts.maskToken.buffer, masks: nil, positions: nil, into: parts.tokens)
    let patches = w.values(parts.patches)
    var expected: [Float] = []
    for image in 0..<3 {
      expected += w.values(parts.cls)
      expected += w.values(parts.registers!)
      expected += patches[image * 28..<(image + 1) * 28]
    }
    #expect(w.values(parts.tokens) == expected)
  }

  @Test(
    "gradients of the assembly match differences", arguments: [(0, false), (2, true), (1, true)])
  func assemblyBackward(registers: Int, masked: Bool) {
    let parts = Parts(registers: registers, masked: masked)
    let w = parts.w
    let dTokens = w.random(parts.tokens.rows, 7)
    let dPatches = w.unset(12, 7)
    let (dCls, dMask) = (w.buffer(7, filled: 1), w.buffer(7, filled: 1))
    let dPositions = w.buffer(35, filled: 1).matrix(5, 7)
    let dRegisters = parts.registers.map { w.buffer($0.buffer.count, filled: 1).matrix($0.rows, 7) }
    w.kernels.assembleTokensBackward(
      dTokens, masks: parts.masks, dPatches: dPatches, dCls: dCls, dRegisters: dRegisters,
      dMaskToken: dMask, dPositions: dPositions)
    func differences(_ input: Buffer) -> [Double] {
      w.differences(input, step: 0.1) {
        parts.assemble()
        return w.projection(parts.tokens, on: dTokens)
      }
    }
    func error(_ gradient: Buffer, _ input: Buffer) -> Double {
      relativeError(w.values(gradient), differences(input).map { $0 + 1 })
    }
    #expect(relativeError(w.values(dPatches), differences(parts.patches.buffer)) < 1e-3)
    #expect(error(dCls, parts.cls.buffer) < 1e-3)
    #expect(error(dMask, parts.maskToken.buffer) < 1e-3)
    #expect(error(dPositions.buffer, parts.positions.buffer) < 1e-3)
    if let dRegisters { #expect(error(dRegisters.buffer, parts.registers!.buffer) < 1e-3) }
  }

  @Test("gather takes rows in the order asked for")
  func gather() {
    let w = Workspace()
    let x = w.random(5, 19)
    let y = w.unset(3, 19)
    w.kernels.gather(x, rows: w.indices([4, 0, 4]), into: y)
    let rows = w.values(x)
    let (first, last) = (rows[0..<19], rows[76..<95])
    #expect(w.values(y) == [last, first, last].flatMap { $0 })
  }

  @Test("a residual reaches its rows with its segment's factor, and so do its gradients")
  func residual() {
    let w = Workspace()
    let (x, y, scale) = (w.random(9, 21), w.random(6, 21), w.random(21))
    let rows: [Int32] = [7, 0, 3, 8, 1, 4]
    let segments = [
      RowSegment(count: 2, factor: 1.5), RowSegment(count: 0, factor: 9),
      RowSegment(count: 4, factor: 0.25),
    ]
    let chosen = w.indices(rows)
    let out = w.unset(9, 21)
    func forward() {
      w.kernels.copy(x.buffer, to: out.buffer)
      w.kernels.addResidual(y, scale: scale, rows: chosen, segments: segments, to: out)
    }
    forward()
    var expected = w.doubles(x)
    for (i, row) in rows.enumerated() {
      for j in 0..<21 {
        let factor = (i < 2 ? 1.5 : 0.25) * w.doubles(scale)[j]
        expected[Int(row) * 21 + j] += factor * w.doubles(y)[i * 21 + j]
      }
    }
    #expect(relativeError(w.values(out), expected) < 1e-6)
    let dx = w.random(9, 21)
    let before = w.values(dx)
    let (dy, dScale) = (w.unset(6, 21), w.buffer(21, filled: 2))
    w.kernels.addResidualBackward(
      dx, y: y, scale: scale, rows: chosen, segments: segments, dy: dy, dScale: dScale)
    func loss() -> Double {
      forward()
      return w.projection(out, on: dx)
    }
    #expect(w.values(dx) == before)
    #expect(relativeError(w.values(dy), w.differences(y.buffer, step: 0.1, loss: loss)) < 1e-3)
    let byScale = w.differences(scale, step: 0.1, loss: loss).map { $0 + 2 }
    #expect(relativeError(w.values(dScale), byScale) < 1e-3)
  }
}
