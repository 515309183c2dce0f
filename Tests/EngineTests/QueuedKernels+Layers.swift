import Kernels
import Tensor

extension QueuedKernels {
  func fill(_ buffer: Buffer, with value: Float) {
    enqueue { $0.fill(buffer, with: value) }
  }

  func copy(_ source: Buffer, to target: Buffer) {
    enqueue { $0.copy(source, to: target) }
  }

  func add(_ source: Buffer, scale: Float, to target: Buffer) {
    enqueue { $0.add(source, scale: scale, to: target) }
  }
}

extension QueuedKernels {
  func linear(_ x: Matrix, weight: Matrix, bias: Buffer?, into y: Matrix) {
    enqueue { $0.linear(x, weight: weight, bias: bias, into: y) }
  }

  func linearInputGradient(_ dy: Matrix, weight: Matrix, dx: Matrix) {
    enqueue { $0.linearInputGradient(dy, weight: weight, dx: dx) }
  }

  func linearParameterGradients(_ dy: Matrix, x: Matrix, dWeight: Matrix, dBias: Buffer?) {
    enqueue { $0.linearParameterGradients(dy, x: x, dWeight: dWeight, dBias: dBias) }
  }

  func multiply(_ a: Matrix, transposed: Bool, _ b: Matrix, accumulate: Bool, into y: Matrix) {
    enqueue { $0.multiply(a, transposed: transposed, b, accumulate: accumulate, into: y) }
  }
}

extension QueuedKernels {
  func patchify(_ images: Buffer, patch: Int, rows: Int, columns: Int, into patches: Matrix) {
    enqueue { $0.patchify(images, patch: patch, rows: rows, columns: columns, into: patches) }
  }

  func assembleTokens(
    patches: Matrix, cls: Buffer, registers: Matrix?, maskToken: Buffer, masks: Indices?,
    positions: Matrix?, into tokens: Matrix
  ) {
    enqueue {
      $0.assembleTokens(
        patches: patches, cls: cls, registers: registers, maskToken: maskToken, masks: masks,
        positions: positions, into: tokens)
    }
  }

  func assembleTokensBackward(
    _ dTokens: Matrix, masks: Indices?, dPatches: Matrix, dCls: Buffer, dRegisters: Matrix?,
    dMaskToken: Buffer, dPositions: Matrix
  ) {
    enqueue {
      $0.assembleTokensBackward(
        dTokens, masks: masks, dPatches: dPatches, dCls: dCls, dRegisters: dRegisters,
        dMaskToken: dMaskToken, dPositions: dPositions)
    }
  }

  func resizeGrids(_ x: Matrix, from: GridSize, into y: Matrix, to: GridSize) {
    enqueue { $0.resizeGrids(x, from: from, into: y, to: to) }
  }

  func gather(_ x: Matrix, rows: Indices, into y: Matrix) {
    enqueue { $0.gather(x, rows: rows, into: y) }
  }

  func addResidual(_ y: Matrix, scale: Buffer, rows: Indices?, segments: [RowSegment], to x: Matrix)
  {
    enqueue { $0.addResidual(y, scale: scale, rows: rows, segments: segments, to: x) }
  }

  func addResidualBackward(
    _ dx: Matrix, y: Matrix, scale: Buffer, rows: Indices?, segments: [RowSegment], dy: Matrix,
    dScale: Buffer
  ) {
    enqueue {
      $0.addResidualBackward(
        dx, y: y, scale: scale, rows: rows, segments: segments, dy: dy, dScale: dScale)
    }
  }
}

extension QueuedKernels {
  func layerNorm(
    _ x: Matrix, rows: Indices?, weight: Buffer, bias: Buffer, eps: Float, normalised: Matrix,
    rstd: Buffer, into y: Matrix
  ) {
    enqueue {
      $0.layerNorm(
        x, rows: rows, weight: weight, bias: bias, eps: eps, normalised: normalised, rstd: rstd,
        into: y)
    }
  }

  func layerNormOutput(_ normalised: Matrix, weight: Buffer, bias: Buffer, into y: Matrix) {
    enqueue { $0.layerNormOutput(normalised, weight: weight, bias: bias, into: y) }
  }

  func layerNormBackward(
    _ dy: Matrix, normalised: Matrix, rstd: Buffer, weight: Buffer, rows: Indices?, dx: Matrix,
    dWeight: Buffer, dBias: Buffer
  ) {
    enqueue {
      $0.layerNormBackward(
        dy, normalised: normalised, rstd: rstd, weight: weight, rows: rows, dx: dx,
        dWeight: dWeight, dBias: dBias)
    }
  }
}

extension QueuedKernels {
  func rotate(
    _ qkv: Matrix, sequences: [SequenceGroup], heads: Int, by rotations: [Matrix]
  ) {
    enqueue { $0.rotate(qkv, sequences: sequences, heads: heads, by: rotations) }
  }

  func attention(
    _ qkv: Matrix, sequences: [SequenceGroup], heads: Int, logSumExp: Buffer, into out: Matrix
  ) {
    enqueue {
      $0.attention(qkv, sequences: sequences, heads: heads, logSumExp: logSumExp, into: out)
    }
  }

  func attentionBackward(
    _ dOut: Matrix, qkv: Matrix, out: Matrix, sequences: [SequenceGroup], heads: Int,
    logSumExp: Buffer, dQKV: Matrix
  ) {
    enqueue {
      $0.attentionBackward(
        dOut, qkv: qkv, out: out, sequences: sequences, heads: heads, logSumExp: logSumExp,
        dQKV: dQKV)
    }
  }
}

extension QueuedKernels {
  func linear(
    _ x: Matrix, weight: Matrix, bias: Buffer?, into y: Matrix, _ activation: Activation,
    activated: Matrix
  ) {
    enqueue { $0.linear(x, weight: weight, bias: bias, into: y, activation, activated: activated) }
  }

  func linearInputGradient(
    _ dy: Matrix, weight: Matrix, _ activation: Activation, x: Matrix, dx: Matrix,
    activated: Matrix?
  ) {
    enqueue {
      $0.linearInputGradient(dy, weight: weight, activation, x: x, dx: dx, activated: activated)
    }
  }
}
