import Kernels

extension ScratchRoom {
  /// What kernels that do all of the work ask for.
  init(for work: [KernelWork], threads: Int, precision: Precision) {
    self.init()
    for one in work {
      for other in one.rooms(precision, threads) { cover(other) }
    }
  }
}

extension KernelWork {
  /// What its kernels, forward and backward, ask for.
  fileprivate func rooms(_ precision: Precision, _ threads: Int) -> [ScratchRoom] {
    func product(
      _ m: Int, _ n: Int, _ k: Int, turned: Bool = false, apart: Bool = false
    ) -> ScratchRoom {
      guard m > 0 && n > 0 else { return ScratchRoom() }
      let size = ProductSize(
        m: m, n: n, k: k, precision: precision, turned: turned, apart: apart)
      var room = size.room(threads)
      // Stochastic depth leaves fewer rows, which may be computed by columns or by the inner dimension.
      room.worker = max(room.worker, size.mostByColumns)
      if !turned && m >= n && n > 1 {
        let byColumns = ProductSize(
          m: n - 1, n: n, k: k, precision: precision, turned: false, apart: apart)
        room.shared = max(room.shared, byColumns.room(threads).shared)
      }
      let fewer = min(m, (k - 1) / 4, (1 << 19) / n)
      if !turned && k > 4 * n && fewer > 0 && fewer < m {
        room.cover(
          ProductSize(m: fewer, n: n, k: k, precision: precision, turned: false).room(threads))
      }
      return room
    }
    func sums(_ rows: Int, _ width: Int) -> ScratchRoom {
      ScratchRoom(shared: SumParts(rows, width: width).count * width)
    }
    switch self {
    case .linear(let rows, let inputs, let outputs, let activated):
      return [
        product(rows, outputs, inputs, apart: precision == .bf16),
        product(rows, inputs, outputs, apart: activated),
        product(outputs, inputs, rows, turned: true),
        sums(rows, outputs),
      ]
    case .prototypes(let rows, let inputs, let count):
      return [
        product(rows, count, inputs), product(rows, inputs, count),
        product(count, inputs, rows, turned: true),
      ]
    case .norm(let rows, let width): return [sums(rows, 2 * width)]
    case .attention(let length, let headWidth):
      return [AttentionPass.forward, .backward].map {
        ScratchRoom(
          worker: AttentionRoom($0, length: length, width: headWidth, precision: precision).all)
      }
    case .sinkhornKnopp(let samples, let prototypes):
      return [ScratchRoom(shared: SinkhornParts(samples).room(prototypes))]
    }
  }
}
