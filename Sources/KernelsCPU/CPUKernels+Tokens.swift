import Kernels
import Tensor

extension CPUKernels {
  package func patchify(
    _ images: Buffer, patch: Int, rows: Int, columns: Int, into patches: Matrix
  ) {
    let count = patches.rows / max(1, rows * columns)
    let width = columns * patch
    let plane = rows * patch * width
    let channels = patches.columns / (patch * patch)
    precondition(patches.rows == count * rows * columns)
    precondition(patches.columns == channels * patch * patch)
    precondition(images.count == count * channels * plane)
    let source = pointer(images)
    let target = pointer(patches)
    parallel(count * rows, cost: channels * patch * width) { strips in
      for strip in strips {
        let corner = source + strip / rows * channels * plane + strip % rows * patch * width
        let first = target + strip * columns * patches.columns
        for line in 0..<channels * patch {
          let pixels = corner + line / patch * plane + line % patch * width
          for column in 0..<columns {
            map(
              patch, pixels + column * patch, first + column * patches.columns + line * patch
            ) { $0 }
          }
        }
      }
    }
  }

  package func assembleTokens(
    patches: Matrix, cls: Buffer, registers: Matrix?, maskToken: Buffer, masks: Indices?,
    positions: Matrix?, into tokens: Matrix
  ) {
    let layout = TokenLayout(tokens, patches: patches, registers: registers)
    layout.check(positions: positions, masks: masks)
    let width = tokens.columns
    let (from, to, place) = (pointer(patches), pointer(tokens), positions.map(pointer))
    let (first, masked) = (pointer(cls), pointer(maskToken))
    let (extra, bits) = (registers.map(pointer), masks.map(pointer))
    parallel(tokens.rows, cost: width) { range in
      for token in range {
        let image = token / layout.length
        let slot = token % layout.length
        let target = to + token * width
        if slot == 0 {
          add(place, to: first, width, target)
        } else if slot < layout.prefix {
          target.update(from: extra! + (slot - 1) * width, count: width)
        } else {
          let patch = image * layout.patches + slot - layout.prefix
          let source = bits.map { $0[patch] != 0 } ?? false ? masked : from + patch * width
          add(place.map { $0 + (1 + slot - layout.prefix) * width }, to: source, width, target)
        }
      }
    }
  }

  /// target = source + the position, if there is one.
  @inline(__always)
  private func add(_ position: Pointer?, to source: Pointer, _ width: Int, _ target: Pointer) {
    if let position {
      combine(width, source, position, target) { $0 + $1 }
    } else {
      target.update(from: source, count: width)
    }
  }

  package func assembleTokensBackward(
    _ dTokens: Matrix, masks: Indices?, dPatches: Matrix, dCls: Buffer, dRegisters: Matrix?,
    dMaskToken: Buffer, dPositions: Matrix
  ) {
    let layout = TokenLayout(dTokens, patches: dPatches, registers: dRegisters)
    layout.check(positions: dPositions, masks: masks)
    let width = dTokens.columns
    let (from, to, place) = (pointer(dTokens), pointer(dPatches), pointer(dPositions))
    let bits = masks.map(pointer)
    for slot in 0..<layout.prefix {
      let target = slot == 0 ? pointer(dCls) : pointer(dRegisters!) + (slot - 1) * width
      for image in 0..<layout.images {
        let source = from + (image * layout.length + slot) * width
        combine(width, target, source, target) { $0 + $1 }
        if slot == 0 { combine(width, place, source, place) { $0 + $1 } }
      }
    }
    // Divided by the position in the image, so that only one worker adds to a position.
    let masked = partialSums(layout.patches, width: width, cost: width * layout.images) {
      places, dMask in
      for patch in places {
        let position = place + (1 + patch) * width
        for image in 0..<layout.images {
          let source = from + (image * layout.length + layout.prefix + patch) * width
          let index = image * layout.patches + patch
          combine(width, position, source, position) { $0 + $1 }
          if bits.map({ $0[index] != 0 }) ?? false {
            combine(width, dMask, source, dMask) { $0 + $1 }
            (to + index * width).update(repeating: 0, count: width)
          } else {
            (to + index * width).update(from: source, count: width)
          }
        }
      }
    }
    if masks != nil { add(masked, from: 0, count: width, to: pointer(dMaskToken)) }
  }

  package func gather(_ x: Matrix, rows: Indices, into y: Matrix) {
    precondition(rows.count == y.rows && x.columns == y.columns)
    let width = x.columns
    let (from, to, chosen) = (pointer(x), pointer(y), pointer(rows))
    parallel(y.rows, cost: width) { range in
      for row in range {
        let source = Int(chosen[row])
        precondition(source >= 0 && source < x.rows, "a row that is not there")
        (to + row * width).update(from: from + source * width, count: width)
      }
    }
  }
}

/// The order of the tokens of each image: CLS, registers, patches.
private struct TokenLayout {
  let images: Int
  /// The number of tokens before the patches: CLS and registers.
  let prefix: Int
  let patches: Int
  var length: Int { prefix + patches }

  init(_ tokens: Matrix, patches matrix: Matrix, registers: Matrix?) {
    prefix = 1 + (registers?.rows ?? 0)
    images = (tokens.rows - matrix.rows) / prefix
    patches = matrix.rows / max(images, 1)
    precondition(tokens.rows == images * length && matrix.rows == images * patches)
    precondition(tokens.columns == matrix.columns)
    precondition(registers == nil || registers!.columns == tokens.columns)
  }

  func check(positions: Matrix?, masks: Indices?) {
    precondition(
      positions.map { $0.rows == 1 + patches || images == 0 } ?? true,
      "not a position for each patch")
    precondition(masks == nil || masks!.count == images * patches)
  }
}
