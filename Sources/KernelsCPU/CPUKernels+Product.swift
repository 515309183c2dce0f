import Tensor

/// A matrix of a product as it lies in memory: rows `stride` apart, to be read transposed or not.
struct Factor {
  let data: Pointer
  let stride: Int
  let transposed: Bool

  init(_ data: Pointer, stride: Int, transposed: Bool = false) {
    self.data = data
    self.stride = stride
    self.transposed = transposed
  }
}

/// c [m, n] = start + a [m, k] · b [k, n]
struct Product {
  let m: Int
  let n: Int
  let k: Int
  let a: Factor
  let b: Factor
  var start = Start.zero
  let c: Pointer
  let stride: Int
  /// What the factors are rounded to as they are packed.
  var precision = Precision.fp32
  /// What the rows of b, as they lie in memory, are multiplied by as they are packed.
  var scale: RowScale?

  /// Slots of the inner dimension that are multiplied at a time: what of b is in use stays in the
  /// first cache, what of a is in the second.
  static let depth = 256
  /// Rows of c that are multiplied at a time.
  static let height = 96
  /// Elements that a packed part of a takes.
  static var leftRoom: Int { max(height / 6 * sixesStride(depth), depth * pairLine(height)) }

  var size: ProductSize { ProductSize(m: m, n: n, k: k, precision: precision) }
  var blocks: Int { size.blocks }

  func inner(_ block: Int) -> Range<Int> {
    block * size.depth..<min(k, (block + 1) * size.depth)
  }

  /// Where a block of b begins among packed ones of `width` columns, and `column` in it.
  func place(_ inner: Range<Int>, width: Int, column: Int = 0) -> Int {
    precision.slots(inner.lowerBound) * width + column * precision.slots(inner.count)
  }

  /// Packs b[inner, columns].
  func pack(_ inner: Range<Int>, _ columns: Range<Int>, into target: Pointer) {
    let panels = Panels(data: target, stride: 16 * precision.slots(inner.count))
    if b.transposed {
      packTransposed(
        precision, k: inner.count, n: columns.count,
        b.data + columns.lowerBound * b.stride + inner.lowerBound, stride: b.stride,
        scale: scale?.from(columns.lowerBound), into: panels)
    } else {
      packPanels(
        precision, k: inner.count, n: columns.count,
        b.data + inner.lowerBound * b.stride + columns.lowerBound, stride: b.stride,
        scale: scale?.from(inner.lowerBound), into: panels)
    }
  }

  /// c[rows, columns] = start + a[rows, inner] · packed, or added to c for all but the `first`
  /// part of the inner dimension. scratch: `leftRoom`.
  func multiply(
    _ rows: Range<Int>, _ columns: Range<Int>, _ inner: Range<Int>, first: Bool, packed: Pointer,
    scratch: Pointer
  ) {
    let slots = precision.slots(inner.count)
    let panels = Panels(data: packed, stride: 16 * slots)
    let start = first ? start : Start(data: c, stride: stride)
    for row in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: Self.height) {
      let count = min(Self.height, rows.upperBound - row)
      let origin = start.data.map { $0 + row * start.stride + columns.lowerBound }
      multiplyPanels(
        precision, m: count, n: columns.count, k: slots, left(row, count, inner, scratch), panels,
        start: Start(data: origin, stride: start.stride),
        into: c + row * stride + columns.lowerBound, stride: stride)
    }
  }

  /// a[rows, inner]; a transposed one is packed, since its columns lie far apart.
  private func left(_ row: Int, _ count: Int, _ inner: Range<Int>, _ scratch: Pointer) -> LeftFactor
  {
    let origin =
      a.transposed ? inner.lowerBound * a.stride + row : row * a.stride + inner.lowerBound
    guard a.transposed else {
      return leftRows(
        precision, rows: count, inner: inner.count, a.data + origin, stride: a.stride,
        into: scratch)
    }
    let pack = precision == .fp32 ? packSixes : packColumns
    return pack(count, inner.count, a.data + origin, a.stride, scratch)
  }
}

extension CPUKernels {
  /// Computes a product, its longest side shared among the workers. `after` is called with each
  /// finished part of c, on the thread that computed it; `wholeRows` where it needs rows complete.
  func compute(
    _ product: Product, wholeRows: Bool = false,
    after: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void = { _, _ in }
  ) {
    guard product.m > 0 && product.n > 0 else { return }
    floatingPointOperations += 2 * Double(product.m) * Double(product.n) * Double(product.k)
    let way = product.size.way(wholeRows: wholeRows)
    let room = product.size.room(way)
    reserveScratch(room.worker)
    switch way {
    case .inner: computeByInner(product, shared(room.shared), after)
    case .columns: computeByColumns(product, after)
    case .rows: computeByRows(product, shared(room.shared), after)
    }
  }

  /// b is packed once for all, then the rows of c are shared.
  private func computeByRows(
    _ product: Product, _ packed: Pointer, _ after: (Range<Int>, Range<Int>) -> Void
  ) {
    let (m, n, k) = (product.m, product.n, product.k)
    let width = padded(n)
    let strips = (n + 127) / 128
    pool.run(chunks: product.blocks * strips) { chunk, _ in
      let inner = product.inner(chunk / strips)
      let column = chunk % strips * 128
      product.pack(
        inner, column..<min(n, column + 128),
        into: packed + product.place(inner, width: width, column: column))
    }
    let enough = ProductSize.pieceOperations / (2 * n * max(1, k)) / 6 * 6
    let size = min(Product.height, max(6, enough))
    pool.run(chunks: (m + size - 1) / size) { chunk, worker in
      let rows = chunk * size..<min(m, (chunk + 1) * size)
      for block in 0..<product.blocks {
        let inner = product.inner(block)
        product.multiply(
          rows, 0..<n, inner, first: block == 0,
          packed: packed + product.place(inner, width: width),
          scratch: scratch[worker])
      }
      after(rows, 0..<n)
    }
  }

  /// Each worker packs the columns of b that it multiplies with.
  private func computeByColumns(_ product: Product, _ after: (Range<Int>, Range<Int>) -> Void) {
    let (m, n) = (product.m, product.n)
    let size = product.size.strip
    pool.run(chunks: (n + size - 1) / size) { chunk, worker in
      let columns = chunk * size..<min(n, (chunk + 1) * size)
      let left = scratch[worker]
      let packed = left + Product.leftRoom
      for block in 0..<product.blocks {
        let inner = product.inner(block)
        product.pack(inner, columns, into: packed)
        product.multiply(
          0..<m, columns, inner, first: block == 0, packed: packed, scratch: left)
      }
      after(0..<m, columns)
    }
  }

  /// Parts of the inner dimension give results of their own, which are then added in order.
  private func computeByInner(
    _ product: Product, _ partial: Pointer, _ after: (Range<Int>, Range<Int>) -> Void
  ) {
    let (m, n) = (product.m, product.n)
    let (blocks, parts) = (product.size.blocksOfPart, product.size.parts)
    pool.run(chunks: parts) { part, worker in
      let left = scratch[worker]
      let packed = left + Product.leftRoom
      let target = Product(
        m: m, n: n, k: product.k, a: product.a, b: product.b, c: partial + part * m * n, stride: n,
        precision: product.precision, scale: product.scale)
      for block in part * blocks..<min(product.blocks, (part + 1) * blocks) {
        target.pack(target.inner(block), 0..<n, into: packed)
        target.multiply(
          0..<m, 0..<n, target.inner(block), first: block == part * blocks, packed: packed,
          scratch: left)
      }
    }
    parallel(m, cost: n * parts) { rows in
      for row in rows {
        addParts(parts, of: m * n, partial + row * n, product, row)
      }
      after(rows, 0..<n)
    }
  }

  /// A row of c from the partial results, `size` apart.
  private func addParts(
    _ parts: Int, of size: Int, _ partial: Pointer, _ product: Product, _ row: Int
  ) {
    let target = product.c + row * product.stride
    let start = product.start.data.map { $0 + row * product.start.stride }
    forEachVector(product.n) { i, lanes in
      var total = start.map { load($0 + i, lanes) } ?? .zero
      for part in 0..<parts { total += load(partial + part * size + i, lanes) }
      store(total, target + i, lanes)
    }
  }
}
