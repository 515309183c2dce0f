import Tensor

extension CPUKernels {
  /// Elements of the inner dimension that a worker packs at a time if it reads whole rows.
  private static let packedAtATime = 32

  /// Computes a product. Its longest side is divided among the workers.
  func compute(_ product: Product) {
    guard product.m > 0 && product.n > 0 else { return }
    floatingPointOperations += 2 * Double(product.m) * Double(product.n) * Double(product.k)
    let size = product.size
    let workspace = size.workspace(pool.threads)
    reserveWorkspace(workspace.worker)
    let shared = sharedWorkspace(workspace.shared)
    switch size.way {
    case .rows:
      for lot in 0..<size.packs { computeByRows(product, size, size.pack(lot), in: shared) }
    case .columns:
      for lot in 0..<size.packs { computeByColumns(product, size, size.pack(lot), in: shared) }
    case .inner: computeByInner(product, size, in: shared)
    }
  }

  /// Packs b for all workers, then divides the rows of c among them.
  private func computeByRows(
    _ product: Product, _ size: ProductSize, _ blocks: Range<Int>, in packed: Pointer
  ) {
    packRight(product, size, blocks, into: packed)
    guard size.turned else {
      return multiply(product, size, 0..<size.strips, blocks, packed) { rows, inner, _, worker in
        product.packLeft(rows, inner, part: inner, into: workspaces[worker])
        return workspaces[worker]
      }
    }
    let lefts = packed + size.packedCapacity(blocks)
    let group = size.stripsAtATime(blocks, threads: pool.threads)
    for first in stride(from: 0, to: size.strips, by: group) {
      let strips = first..<min(size.strips, first + group)
      packLeft(product, size, strips, blocks, into: lefts)
      multiply(product, size, strips, blocks, packed) { rows, _, block, _ in
        lefts + size.leftOffset(rows.lowerBound / ProductSize.height, block, of: strips, blocks)
      }
    }
  }

  /// Packs blocks of b, divided so that each worker reads rows of b in the order of memory.
  private func packRight(
    _ product: Product, _ size: ProductSize, _ blocks: Range<Int>, into packed: Pointer
  ) {
    guard product.b.transposed else {
      return forEachPart(size, blocks) { block, part in
        product.pack(
          part, of: size.inner(block), 0..<size.n, into: packed + size.offset(block, from: blocks))
      }
    }
    let width = 128
    let stretches = (size.n + width - 1) / width
    pool.run(chunks: blocks.count * stretches) { chunk, _ in
      let block = blocks.lowerBound + chunk / stretches
      let column = chunk % stretches * width
      product.pack(
        size.inner(block), column..<min(size.n, column + width),
        into: packed + size.offset(block, from: blocks, column: column))
    }
  }

  /// Packs the given blocks of the given strips of a, unless a is read in place.
  private func packLeft(
    _ product: Product, _ size: ProductSize, _ strips: Range<Int>, _ blocks: Range<Int>,
    into lefts: Pointer
  ) {
    guard !product.readsLeftInPlace else { return }
    guard size.turned else {
      return pool.run(chunks: strips.count * blocks.count) { chunk, _ in
        let strip = strips.lowerBound + chunk % strips.count
        let block = blocks.lowerBound + chunk / strips.count
        let inner = size.inner(block)
        product.packLeft(
          size.rows(strip), inner, part: inner,
          into: lefts + size.leftOffset(strip, block, of: strips, blocks))
      }
    }
    forEachPart(size, blocks) { block, part in
      for strip in strips {
        product.packLeft(
          size.rows(strip), size.inner(block), part: part,
          into: lefts + size.leftOffset(strip, block, of: strips, blocks))
      }
    }
  }

  /// Calls `body` for a few elements of the inner dimension at a time, on the pool's threads. A
  /// part never spans two blocks.
  private func forEachPart(
    _ size: ProductSize, _ blocks: Range<Int>, _ body: (_ block: Int, _ part: Range<Int>) -> Void
  ) {
    let first = size.inner(blocks.lowerBound).lowerBound
    let end = size.inner(blocks.upperBound - 1).upperBound
    let step = Self.packedAtATime
    pool.run(chunks: (end - first + step - 1) / step) { chunk, _ in
      let part = first + chunk * step..<min(end, first + (chunk + 1) * step)
      body(size.block(at: part.lowerBound), part)
    }
  }

  /// Computes strips of c: first whole strips, then the remaining ones in pieces, so that all
  /// workers finish at about the same time. `left` returns where the rows of a are packed for a
  /// block.
  private func multiply(
    _ product: Product, _ size: ProductSize, _ strips: Range<Int>, _ blocks: Range<Int>,
    _ packed: Pointer,
    left: (_ rows: Range<Int>, _ inner: Range<Int>, _ block: Int, _ worker: Int) -> Pointer
  ) {
    let fine = min(strips.count, pool.threads)
    let pieces = ProductSize.height / size.piece
    // The pool hands out the chunk with the highest number first.
    pool.run(chunks: fine * pieces + strips.count - fine) { chunk, worker in
      let whole = chunk - fine * pieces
      let strip = strips.lowerBound + (whole < 0 ? chunk / pieces : fine + whole)
      var rows = size.rows(strip)
      if whole < 0 {
        let first = min(rows.lowerBound + chunk % pieces * size.piece, rows.upperBound)
        rows = first..<min(first + size.piece, rows.upperBound)
      }
      guard !rows.isEmpty else { return }
      let sums = product.sums(
        rows, 0..<size.n,
        workspace: workspaces[worker] + (size.turned ? 0 : ProductSize.leftCapacity))
      for block in blocks {
        let inner = size.inner(block)
        product.multiply(
          rows, 0..<size.n, inner, first: block == 0, strip: left(rows, inner, block, worker),
          packed: packed + size.offset(block, from: blocks), into: sums)
      }
      product.finish(rows, 0..<size.n, sums)
      guard let activated = product.activated, blocks.upperBound == size.blocks else { return }
      activated.compute(rows, 0..<activated.width)
    }
  }

  /// Packs a for all workers; each worker then packs the columns of b that it multiplies. If the
  /// activation has a gate and a value (SwiGLU), a worker computes the columns of both together.
  private func computeByColumns(
    _ product: Product, _ size: ProductSize, _ blocks: Range<Int>, in lefts: Pointer
  ) {
    let strips = 0..<size.strips
    packLeft(product, size, strips, blocks, into: lefts)
    let width = size.columnsAtATime
    let part = size.n / (product.activated?.activation.columns ?? 1)
    pool.run(chunks: (part + width - 1) / width) { chunk, worker in
      let first = chunk * width..<min(part, (chunk + 1) * width)
      let packed = workspaces[worker]
      for start in stride(from: 0, to: size.n, by: part) {
        let columns = start + first.lowerBound..<start + first.upperBound
        let sums = product.sums(0..<size.m, columns, workspace: packed + ProductSize.depth * width)
        for block in blocks {
          let inner = size.inner(block)
          product.pack(inner, columns, into: packed)
          for strip in strips {
            let rows = size.rows(strip)
            product.multiply(
              rows, columns, inner, first: block == 0,
              strip: lefts + size.leftOffset(strip, block, of: strips, blocks), packed: packed,
              into: sums.from(rows.lowerBound))
          }
        }
        product.finish(0..<size.m, columns, sums)
      }
      guard let activated = product.activated, blocks.upperBound == size.blocks else { return }
      activated.compute(0..<size.m, first)
    }
  }

  /// Divides the inner dimension among the workers. Each part gives a partial result [m, n]; these
  /// are then added in order.
  private func computeByInner(_ product: Product, _ size: ProductSize, in partial: Pointer) {
    let (m, n) = (product.m, product.n)
    pool.run(chunks: size.parts) { part, worker in
      let target = Product(
        m: m, n: n, k: product.k, a: product.a, b: product.b,
        target: .sums(partial + part * m * n, stride: n), precision: product.precision,
        scale: product.scale)
      computePart(part, of: target, size, in: workspaces[worker])
    }
    parallel(m, cost: n * size.parts) { rows in
      for row in rows {
        let row = row..<row + 1
        let first = partial + row.lowerBound * n
        let sums = product.sums(row, 0..<n, workspace: first)
        addParts(size.parts, m * n, first, product.start.from(row.lowerBound), n, into: sums.data)
        product.finish(row, 0..<n, sums)
        if let activated = product.activated { activated.compute(row, 0..<activated.width) }
      }
    }
  }

  /// Packs and multiplies a part of the inner dimension on the calling thread.
  private func computePart(
    _ part: Int, of product: Product, _ size: ProductSize, in lefts: Pointer
  ) {
    let packed = lefts + size.strips * ProductSize.leftCapacity
    let first = part * size.blocksOfPart
    for block in first..<min(size.blocks, first + size.blocksOfPart) {
      let inner = size.inner(block)
      product.pack(inner, 0..<size.n, into: packed)
      for start in stride(from: inner.lowerBound, to: inner.upperBound, by: Self.packedAtATime) {
        let piece = start..<min(inner.upperBound, start + Self.packedAtATime)
        for strip in 0..<size.strips {
          product.packLeft(
            size.rows(strip), inner, part: piece, into: lefts + strip * ProductSize.leftCapacity)
        }
      }
      for strip in 0..<size.strips {
        let rows = size.rows(strip)
        product.multiply(
          rows, 0..<size.n, inner, first: block == first,
          strip: lefts + strip * ProductSize.leftCapacity, packed: packed,
          into: product.sums(rows, 0..<size.n, workspace: packed))
      }
    }
  }

  /// Adds the start and the partial results, which are `distance` apart, into a row of `width`
  /// sums. The row may be that of the first partial result.
  private func addParts(
    _ parts: Int, _ distance: Int, _ partial: Pointer, _ start: Start, _ width: Int,
    into row: Pointer
  ) {
    forEachVector(width) { i, lanes in
      var total = start.data.map { load($0 + i, lanes) } ?? .zero
      for part in 0..<parts { total += load(partial + part * distance + i, lanes) }
      store(total, row + i, lanes)
    }
  }
}
