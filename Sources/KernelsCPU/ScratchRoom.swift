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

extension CPUKernels {
  /// Bytes beside the arena, `scratchBytes` of kernels that have done all of the work, by its sizes.
  package static func scratchBytes(
    for work: [KernelWork], threads: Int, precision: Precision
  ) -> Int {
    var room = ScratchRoom()
    for one in work {
      for other in one.rooms(precision, threads) { room.cover(other) }
    }
    return 4 * (room.worker * threads + room.shared)
  }
}

extension KernelWork {
  /// What its kernels, forward and backward, ask for.
  fileprivate func rooms(_ precision: Precision, _ threads: Int) -> [ScratchRoom] {
    func product(_ m: Int, _ n: Int, _ k: Int, turned: Bool = false) -> ScratchRoom {
      guard m > 0 && n > 0 else { return ScratchRoom() }
      return ProductSize(m: m, n: n, k: k, precision: precision, turned: turned).room(threads)
    }
    func sums(_ rows: Int, _ width: Int) -> ScratchRoom {
      ScratchRoom(shared: SumParts(rows, width: width).count * width)
    }
    switch self {
    case .linear(let rows, let inputs, let outputs):
      return [
        product(rows, outputs, inputs), product(rows, inputs, outputs),
        product(outputs, inputs, rows, turned: true), sums(rows, outputs),
      ]
    case .prototypes(let rows, let inputs, let count):
      return [
        product(rows, count, inputs), product(rows, inputs, count),
        product(count, inputs, rows, turned: true),
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
