import Tensor

extension CPUKernels {
  /// Operations that make a piece of work worth handing to another worker.
  private static let pieceOperations = 4_000_000
  /// Pieces that a strip is cut into where a worker is to have less than one.
  private static let pieces = 8
  /// Blocks of the inner dimension that are packed at a time.
  private static let blocksAtATime = 8
  /// Elements of the inner dimension of a transposed factor that a worker packs at a time.
  private static let packedAtATime = 32

  /// Computes a product, its longest side shared among the workers.
  func compute(_ product: Product) {
    guard product.m > 0 && product.n > 0 else { return }
    floatingPointOperations += 2 * Double(product.m) * Double(product.n) * Double(product.k)
    if product.k > 4 * max(product.m, product.n) && product.m * product.n <= 1 << 19 {
      computeByInner(product)
    } else {
      for first in stride(from: 0, to: product.blocks, by: Self.blocksAtATime) {
        let blocks = first..<min(product.blocks, first + Self.blocksAtATime)
        if product.n > product.m {
          computeByColumns(product, blocks)
        } else {
          computeByRows(product, blocks)
        }
      }
    }
  }

  /// b is packed once for all, then the rows of c are shared.
  private func computeByRows(_ product: Product, _ blocks: Range<Int>) {
    let n = product.n
    let room = product.packedRoom(blocks, columns: n)
    // So many strips that packing them and multiplying them in turn keeps all workers busy.
    let group = max(32 / blocks.count, 2 * pool.threads)
    let packed = shared(
      room + (product.a.transposed ? min(group, product.strips) : 0) * blocks.count
        * Product.leftRoom)
    packRight(product, blocks, into: packed)
    guard product.a.transposed else {
      reserveScratch(Product.leftRoom)
      return multiply(product, 0..<product.strips, blocks, packed: packed) { rows, inner, _, worker in
        product.packLeft(rows, inner, part: inner, into: scratch[worker])
        return scratch[worker]
      }
    }
    let lefts = packed + room
    for first in stride(from: 0, to: product.strips, by: group) {
      let strips = first..<min(product.strips, first + group)
      packLeft(product, strips, blocks, into: lefts)
      multiply(product, strips, blocks, packed: packed) { rows, _, block, _ in
        lefts + Product.leftPlace(rows.lowerBound / Product.height, block, of: strips, blocks)
      }
    }
  }

  /// Packs blocks of b, shared out so that its rows are read from end to end.
  private func packRight(_ product: Product, _ blocks: Range<Int>, into packed: Pointer) {
    let n = product.n
    if product.b.transposed {
      let strips = (n + 127) / 128
      pool.run(chunks: blocks.count * strips) { chunk, _ in
        let block = blocks.lowerBound + chunk / strips
        let column = chunk % strips * 128
        product.pack(
          product.inner(block), column..<min(n, column + 128),
          into: packed + product.place(block, from: blocks, width: n, column: column))
      }
    } else {
      forEachPart(product, blocks) { block, part in
        product.pack(
          part, of: product.inner(block), 0..<n,
          into: packed + product.place(block, from: blocks, width: n))
      }
    }
  }

  /// A few elements of the inner dimension at a time, none of two blocks.
  private func forEachPart(
    _ product: Product, _ blocks: Range<Int>, _ body: (_ block: Int, _ part: Range<Int>) -> Void
  ) {
    let first = product.inner(blocks.lowerBound).lowerBound
    let end = product.inner(blocks.upperBound - 1).upperBound
    let size = Self.packedAtATime
    pool.run(chunks: (end - first + size - 1) / size) { chunk, _ in
      let part = first + chunk * size..<min(end, first + (chunk + 1) * size)
      body(product.block(at: part.lowerBound), part)
    }
  }

  /// Some strips of c, a few of their rows a piece of work. left: gives the place where a's rows are
  /// packed for a block.
  private func multiply(
    _ product: Product, _ strips: Range<Int>, _ blocks: Range<Int>, packed: Pointer,
    left: (_ rows: Range<Int>, _ inner: Range<Int>, _ block: Int, _ worker: Int) -> Pointer
  ) {
    // Whole strips first; the last ones in pieces, so that all workers end together.
    let fine = min(strips.count, pool.threads)
    let size = Product.height / Self.pieces
    pool.run(chunks: fine * Self.pieces + strips.count - fine) { chunk, worker in
      let piece = chunk - fine * Self.pieces
      let strip = product.rows(strips.lowerBound + (piece < 0 ? chunk / Self.pieces : fine + piece))
      var rows = strip
      if piece < 0 {
        let first = strip.lowerBound + chunk % Self.pieces * size
        rows = min(first, strip.upperBound)..<min(first + size, strip.upperBound)
      }
      guard !rows.isEmpty else { return }
      for block in blocks {
        let inner = product.inner(block)
        product.multiply(
          rows, 0..<product.n, inner, first: block == 0, strip: left(rows, inner, block, worker),
          packed: packed + product.place(block, from: blocks, width: product.n))
      }
    }
  }

  /// a is packed once for all; each worker packs the columns of b that it multiplies with.
  private func computeByColumns(_ product: Product, _ blocks: Range<Int>) {
    let (m, n) = (product.m, product.n)
    let strips = 0..<product.strips
    let lefts = shared(
      product.readsLeftInPlace ? 0 : strips.count * blocks.count * Product.leftRoom)
    packLeft(product, strips, blocks, into: lefts)
    let enough = Self.pieceOperations / (32 * m * max(1, product.k)) * 16
    let size = min(256, max(32, enough))
    reserveScratch(Product.depth * size)
    pool.run(chunks: (n + size - 1) / size) { chunk, worker in
      let columns = chunk * size..<min(n, (chunk + 1) * size)
      let packed = scratch[worker]
      for block in blocks {
        let inner = product.inner(block)
        product.pack(inner, columns, into: packed)
        for strip in strips {
          product.multiply(
            product.rows(strip), columns, inner, first: block == 0,
            strip: lefts + Product.leftPlace(strip, block, of: strips, blocks), packed: packed)
        }
      }
    }
  }

  /// Packs strips of a, blocks of each. A transposed one is shared out by its rows, which are read
  /// from end to end.
  private func packLeft(
    _ product: Product, _ strips: Range<Int>, _ blocks: Range<Int>, into lefts: Pointer
  ) {
    guard !product.readsLeftInPlace else { return }
    guard product.a.transposed else {
      return pool.run(chunks: strips.count * blocks.count) { chunk, _ in
        let strip = strips.lowerBound + chunk % strips.count
        let block = blocks.lowerBound + chunk / strips.count
        let inner = product.inner(block)
        product.packLeft(
          product.rows(strip), inner, part: inner,
          into: lefts + Product.leftPlace(strip, block, of: strips, blocks))
      }
    }
    forEachPart(product, blocks) { block, part in
      for strip in strips {
        product.packLeft(
          product.rows(strip), product.inner(block), part: part,
          into: lefts + Product.leftPlace(strip, block, of: strips, blocks))
      }
    }
  }

  /// Parts of the inner dimension give results of their own, which are then added in order.
  private func computeByInner(_ product: Product) {
    let (m, n) = (product.m, product.n)
    let blocks = (product.blocks + 15) / 16
    let parts = (product.blocks + blocks - 1) / blocks
    reserveScratch(Product.leftRoom + Product.depth * padded(n))
    let partial = shared(parts * m * n)
    pool.run(chunks: parts) { part, worker in
      let strip = scratch[worker]
      let packed = strip + Product.leftRoom
      let target = Product(
        m: m, n: n, k: product.k, a: product.a, b: product.b, c: partial + part * m * n, stride: n,
        precision: product.precision, scale: product.scale)
      let first = part * blocks
      for block in first..<min(product.blocks, first + blocks) {
        let inner = target.inner(block)
        target.pack(inner, 0..<n, into: packed)
        for rows in (0..<target.strips).map(target.rows) {
          target.packLeft(rows, inner, part: inner, into: strip)
          target.multiply(
            rows, 0..<n, inner, first: block == first, strip: strip, packed: packed)
        }
      }
    }
    parallel(m, cost: n * parts) { rows in
      for row in rows { addParts(parts, of: m * n, partial + row * n, product, row) }
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
