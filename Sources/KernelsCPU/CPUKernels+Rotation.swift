import Kernels
import Tensor

extension CPUKernels {
  package func rotate(
    _ qkv: Matrix, sequences: [SequenceGroup], heads: Int, by rotations: [Matrix]
  ) {
    precondition(sequences.count == rotations.count && qkv.columns % (6 * heads) == 0)
    precondition(sequences.reduce(0) { $0 + $1.tokens } == qkv.rows)
    let (row, width) = (qkv.columns, qkv.columns / (3 * heads))
    let tokens = elements(qkv)
    var first = 0
    for (group, rotation) in zip(sequences, rotations) {
      let patches = rotation.rows
      precondition(rotation.columns == width && patches <= group.length)
      let (turns, start) = (pointer(rotation), first + group.length - patches)
      parallel(group.count * patches, cost: 2 * heads * width) { range in
        for index in range {
          let token = start + index / patches * group.length + index % patches
          let turn = turns + index % patches * width
          // Queries and keys stand next to each other, head by head.
          for head in 0..<2 * heads {
            rotateHead(tokens.from(token * row + head * width), half: width / 2, turn)
          }
        }
      }
      first += group.tokens
    }
  }
}

/// Turns a head's query or key by cosines and sines, `half` of each.
@inline(__always)
private func rotateHead(_ x: Elements, half: Int, _ turn: Pointer) {
  forEachVector(half) { i, lanes in
    let (cosine, sine) = (load(turn + i, lanes), load(turn + half + i, lanes))
    let (a, b) = (x.load(i, lanes), x.load(half + i, lanes))
    x.store((a * cosine).addingProduct(-b, sine), i, lanes)
    x.store((b * cosine).addingProduct(a, sine), half + i, lanes)
  }
}
