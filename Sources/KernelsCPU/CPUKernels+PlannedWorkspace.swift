import Kernels

extension WorkspaceSize {
  /// The workspace that kernels need for all of the work.
  init(for work: [KernelWork], threads: Int, precision: Precision) {
    self.init()
    let planner = WorkspacePlanner(threads: threads, precision: precision)
    for item in work {
      for size in planner.sizes(of: item) { cover(size) }
    }
  }
}

/// Computes the workspace of kernels from the sizes that they are called with.
private struct WorkspacePlanner {
  let threads: Int
  let precision: Precision

  /// Returns the workspace of each kernel of a kind of work, forward and backward.
  func sizes(of work: KernelWork) -> [WorkspaceSize] {
    switch work {
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
      return [AttentionPass.forward, .backward].map { pass in
        let head = AttentionWorkspace(
          pass, length: length, width: headWidth, precision: precision)
        return WorkspaceSize(worker: head.all)
      }
    case .sinkhornKnopp(let ranks, let samples, let prototypes):
      let work = SinkhornWorkspace(
        ranks: ranks, most: samples, samples: ranks * samples, prototypes: prototypes)
      return [WorkspaceSize(shared: work.count)]
    case .center(let ranks, let prototypes):
      return [WorkspaceSize(shared: CPUKernels.centerWorkspace(ranks, prototypes))]
    case .codingRate(let samples, let width):
      return [WorkspaceSize(shared: CPUKernels.codingRateWorkspace(samples, width))]
    }
  }

  /// Returns the workspace of a product [m, k] · [k, n] with up to m rows. Stochastic depth may
  /// leave fewer than m.
  private func product(
    _ m: Int, _ n: Int, _ k: Int, turned: Bool = false, apart: Bool = false
  ) -> WorkspaceSize {
    guard m > 0 && n > 0 else { return WorkspaceSize() }
    let size = ProductSize(m: m, n: n, k: k, precision: precision, turned: turned, apart: apart)
    var workspace = size.workspace(threads)
    // A product with fewer rows may be divided by columns or by the inner dimension.
    workspace.worker = max(workspace.worker, size.mostByColumns)
    if !turned && m >= n && n > 1 {
      let byColumns = ProductSize(
        m: n - 1, n: n, k: k, precision: precision, turned: false, apart: apart)
      workspace.shared = max(workspace.shared, byColumns.workspace(threads).shared)
    }
    let fewer = min(m, (k - 1) / 4, (1 << 19) / n)
    if !turned && k > 4 * n && fewer > 0 && fewer < m {
      let byInner = ProductSize(m: fewer, n: n, k: k, precision: precision, turned: false)
      workspace.cover(byInner.workspace(threads))
    }
    return workspace
  }

  /// Returns the workspace of partial sums over rows.
  private func sums(_ rows: Int, _ width: Int) -> WorkspaceSize {
    WorkspaceSize(shared: SumParts(rows, width: width).count * width)
  }
}
