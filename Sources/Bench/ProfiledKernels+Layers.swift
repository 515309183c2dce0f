import Kernels
import Tensor

/// Those of memory, layers and attention. The bytes of a call are those of its arguments, each counted once.
extension ProfiledKernels {
  package func fill(_ buffer: Buffer, with value: Float) {
    profile("fill", [buffer.touched]) {
      base.fill(buffer, with: value)
    }
  }

  package func copy(_ source: Buffer, to target: Buffer) {
    profile("copy", [source.touched, target.touched]) {
      base.copy(source, to: target)
    }
  }

  package func add(_ source: Buffer, scale: Float, to target: Buffer) {
    profile("add", [source.touched, target.touched]) {
      base.add(source, scale: scale, to: target)
    }
  }

  package func linear(_ x: Matrix, weight: Matrix, bias: Buffer?, into y: Matrix) {
    profile("linear", of: weight, [x.touched, weight.touched, bias?.touched, y.touched]) {
      base.linear(x, weight: weight, bias: bias, into: y)
    }
  }

  package func linearInputGradient(_ dy: Matrix, weight: Matrix, dx: Matrix) {
    profile("linearInputGradient", of: weight, [dy.touched, weight.touched, dx.touched]) {
      base.linearInputGradient(dy, weight: weight, dx: dx)
    }
  }

  package func linearParameterGradients(_ dy: Matrix, x: Matrix, dWeight: Matrix, dBias: Buffer?) {
    profile(
      "linearParameterGradients", of: dWeight,
      [dy.touched, x.touched, dWeight.touched, dBias?.touched]
    ) {
      base.linearParameterGradients(dy, x: x, dWeight: dWeight, dBias: dBias)
    }
  }

  package func multiply(
    _ a: Matrix, transposed: Bool, _ b: Matrix, accumulate: Bool, into y: Matrix
  ) {
    profile("multiply", [a.touched, b.touched, y.touched]) {
      base.multiply(a, transposed: transposed, b, accumulate: accumulate, into: y)
    }
  }

  package func patchify(_ images: Buffer, patch: Int, rows: Int, columns: Int, into patches: Matrix)
  {
    profile("patchify", [images.touched, patches.touched]) {
      base.patchify(images, patch: patch, rows: rows, columns: columns, into: patches)
    }
  }

  package func assembleTokens(
    patches: Matrix, cls: Buffer, registers: Matrix?, maskToken: Buffer, masks: Indices?,
    positions: Matrix?, into tokens: Matrix
  ) {
    profile(
      "assembleTokens",
      [
        patches.touched, cls.touched, registers?.touched, maskToken.touched, masks?.touched,
        positions?.touched, tokens.touched,
      ]
    ) {
      base.assembleTokens(
        patches: patches, cls: cls, registers: registers, maskToken: maskToken, masks: masks,
        positions: positions, into: tokens)
    }
  }

  package func assembleTokensBackward(
    _ dTokens: Matrix, masks: Indices?, dPatches: Matrix, dCls: Buffer, dRegisters: Matrix?,
    dMaskToken: Buffer, dPositions: Matrix
  ) {
    profile(
      "assembleTokensBackward",
      [
        dTokens.touched, masks?.touched, dPatches.touched, dCls.touched, dRegisters?.touched,
        dMaskToken.touched, dPositions.touched,
      ]
    ) {
      base.assembleTokensBackward(
        dTokens, masks: masks, dPatches: dPatches, dCls: dCls, dRegisters: dRegisters,
        dMaskToken: dMaskToken, dPositions: dPositions)
    }
  }

  package func resizeGrids(_ x: Matrix, from: GridSize, into y: Matrix, to: GridSize) {
    profile("resizeGrids", [x.touched, y.touched]) {
      base.resizeGrids(x, from: from, into: y, to: to)
    }
  }

  package func gather(_ x: Matrix, rows: Indices, into y: Matrix) {
    profile("gather", [x.touched(rows), rows.touched, y.touched]) {
      base.gather(x, rows: rows, into: y)
    }
  }

  package func addResidual(
    _ y: Matrix, scale: Buffer, rows: Indices?, segments: [RowSegment], to x: Matrix
  ) {
    profile("addResidual", [y.touched, scale.touched, rows?.touched, x.touched(rows)]) {
      base.addResidual(y, scale: scale, rows: rows, segments: segments, to: x)
    }
  }

  package func addResidualBackward(
    _ dx: Matrix, y: Matrix, scale: Buffer, rows: Indices?, segments: [RowSegment], dy: Matrix,
    dScale: Buffer
  ) {
    profile(
      "addResidualBackward",
      [dx.touched(rows), y.touched, scale.touched, rows?.touched, dy.touched, dScale.touched]
    ) {
      base.addResidualBackward(
        dx, y: y, scale: scale, rows: rows, segments: segments, dy: dy, dScale: dScale)
    }
  }

  package func layerNorm(
    _ x: Matrix, rows: Indices?, weight: Buffer, bias: Buffer, eps: Float, normalised: Matrix,
    rstd: Buffer, into y: Matrix
  ) {
    profile(
      "layerNorm",
      [
        x.touched(rows), rows?.touched, weight.touched, bias.touched, normalised.touched,
        rstd.touched, y.touched,
      ]
    ) {
      base.layerNorm(
        x, rows: rows, weight: weight, bias: bias, eps: eps, normalised: normalised, rstd: rstd,
        into: y)
    }
  }

  package func layerNormOutput(_ normalised: Matrix, weight: Buffer, bias: Buffer, into y: Matrix) {
    profile("layerNormOutput", [normalised.touched, weight.touched, bias.touched, y.touched]) {
      base.layerNormOutput(normalised, weight: weight, bias: bias, into: y)
    }
  }

  package func layerNormBackward(
    _ dy: Matrix, normalised: Matrix, rstd: Buffer, weight: Buffer, rows: Indices?, dx: Matrix,
    dWeight: Buffer, dBias: Buffer
  ) {
    profile(
      "layerNormBackward",
      [
        dy.touched, normalised.touched, rstd.touched, weight.touched, rows?.touched,
        dx.touched(rows), dWeight.touched, dBias.touched,
      ]
    ) {
      base.layerNormBackward(
        dy, normalised: normalised, rstd: rstd, weight: weight, rows: rows, dx: dx,
        dWeight: dWeight, dBias: dBias)
    }
  }

  package func rotate(_ qkv: Matrix, sequences: [SequenceGroup], heads: Int, by rotations: [Matrix])
  {
    profile("rotate", [qkv.touched, rotations.reduce(0) { $0 + $1.touched }]) {
      base.rotate(qkv, sequences: sequences, heads: heads, by: rotations)
    }
  }

  package func attention(
    _ qkv: Matrix, sequences: [SequenceGroup], heads: Int, logSumExp: Buffer, into out: Matrix
  ) {
    profile("attention", [qkv.touched, logSumExp.touched, out.touched]) {
      base.attention(qkv, sequences: sequences, heads: heads, logSumExp: logSumExp, into: out)
    }
  }

  package func attentionBackward(
    _ dOut: Matrix, qkv: Matrix, out: Matrix, sequences: [SequenceGroup], heads: Int,
    logSumExp: Buffer, dQKV: Matrix
  ) {
    profile(
      "attentionBackward",
      [dOut.touched, qkv.touched, out.touched, logSumExp.touched, dQKV.touched]
    ) {
      base.attentionBackward(
        dOut, qkv: qkv, out: out, sequences: sequences, heads: heads, logSumExp: logSumExp,
        dQKV: dQKV)
    }
  }

  package func linear(
    _ x: Matrix, weight: Matrix, bias: Buffer?, into y: Matrix, _ activation: Activation,
    activated: Matrix
  ) {
    profile(
      "linear", of: weight,
      [x.touched, weight.touched, bias?.touched, y.touched, activated.touched]
    ) {
      base.linear(x, weight: weight, bias: bias, into: y, activation, activated: activated)
    }
  }

  package func linearInputGradient(
    _ dy: Matrix, weight: Matrix, _ activation: Activation, x: Matrix, dx: Matrix,
    activated: Matrix?
  ) {
    profile(
      "linearInputGradient", of: weight,
      [dy.touched, weight.touched, x.touched, dx.touched, activated?.touched]
    ) {
      base.linearInputGradient(dy, weight: weight, activation, x: x, dx: dx, activated: activated)
    }
  }
}
