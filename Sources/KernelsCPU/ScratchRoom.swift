import Kernels

/// Elements that a kernel asks for beside the arena: for each worker, and for all together.
struct ScratchRoom {
  var worker = 0
  var shared = 0

  /// Takes the larger of both.
  mutating func cover(_ other: ScratchRoom) {
    worker = max(worker, other.worker)
    shared = max(shared, other.shared)
  }
}

/// The sides of a matrix product [m, k] · [k, n], which alone decide how it is cut.
struct ProductSize {
  let m: Int
  let n: Int
  let k: Int
  let precision: Precision

  /// Which side is shared among the workers.
  enum Way {
    case rows, columns, inner
  }

  /// Operations that make a piece of work worth handing to another worker.
  static let pieceOperations = 4_000_000

  /// Elements in a block of the inner dimension, and how many blocks there are.
  var depth: Int { Product.depth * precision.elementsPerSlot }
  var blocks: Int { max(1, (k + depth - 1) / depth) }

  func way(wholeRows: Bool = false) -> Way {
    if k > 4 * max(m, n) && m * n <= 1 << 19 { return .inner }
    return n > m && !wholeRows ? .columns : .rows
  }

  /// By columns: how many a worker packs at a time.
  var strip: Int { min(256, max(32, Self.pieceOperations / (32 * m * max(1, k)) * 16)) }

  /// By the inner dimension: the blocks of a part, and the parts.
  var blocksOfPart: Int { (blocks + 15) / 16 }
  var parts: Int { (blocks + blocksOfPart - 1) / blocksOfPart }

  func room(_ way: Way) -> ScratchRoom {
    switch way {
    case .rows:
      ScratchRoom(worker: Product.leftRoom, shared: precision.slots(k) * padded(n))
    case .columns: ScratchRoom(worker: Product.leftRoom + Product.depth * strip)
    case .inner:
      ScratchRoom(worker: Product.leftRoom + Product.depth * padded(n), shared: parts * m * n)
    }
  }
}

extension CPUKernels {
  /// Bytes beside the arena, `scratchBytes` of kernels that have done all of the work, by its sizes.
  package static func scratchBytes(
    for work: [KernelWork], threads: Int, precision: Precision
  ) -> Int {
    var room = ScratchRoom()
    for one in work {
      for other in one.rooms(precision) { room.cover(other) }
    }
    return 4 * (room.worker * threads + room.shared)
  }
}

extension KernelWork {
  /// What its kernels, forward and backward, ask for.
  fileprivate func rooms(_ precision: Precision) -> [ScratchRoom] {
    func product(_ m: Int, _ n: Int, _ k: Int) -> ScratchRoom {
      guard m > 0 && n > 0 else { return ScratchRoom() }
      let size = ProductSize(m: m, n: n, k: k, precision: precision)
      return size.room(size.way())
    }
    func sums(_ rows: Int, _ width: Int) -> ScratchRoom {
      ScratchRoom(shared: SumParts(rows, width: width).count * width)
    }
    switch self {
    case .linear(let rows, let inputs, let outputs):
      return [
        product(rows, outputs, inputs), product(rows, inputs, outputs),
        product(outputs, inputs, rows), sums(rows, outputs),
      ]
    case .prototypes(let rows, let inputs, let count):
      return [
        product(rows, count, inputs), product(rows, inputs, count), product(count, inputs, rows),
      ]
    case .norm(let rows, let width): return [sums(rows, 2 * width)]
    case .attention(let length, let headWidth):
      let head = AttentionRoom(length: length, width: headWidth, precision: precision)
      return [ScratchRoom(worker: max(head.forward, head.backward))]
    case .sinkhornKnopp(let samples, let prototypes):
      return [ScratchRoom(shared: SinkhornParts(samples).room(prototypes))]
    }
  }
}
