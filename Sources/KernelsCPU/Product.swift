import Tensor

/// A factor of a product: a matrix in memory with rows `stride` elements apart, read transposed or
/// not. The rows of a bfloat16 matrix are whole slots, so its stride is even.
struct Factor {
  let data: Pointer
  let stride: Int
  let transposed: Bool
  let element: Element

  init(_ data: Pointer, stride: Int, transposed: Bool = false, element: Element = .fp32) {
    self.data = data
    self.stride = stride
    self.transposed = transposed
    self.element = element
  }

  /// Returns the address of an fp32 element.
  func pointer(_ row: Int, _ column: Int) -> Pointer { data + row * stride + column }

  /// Returns the address of a bfloat16 element.
  func halves(_ row: Int, _ column: Int) -> UnsafeRawPointer {
    UnsafeRawPointer(data) + 2 * (row * stride + column)
  }
}

/// The matrix product start + a [m, k] · b [k, n], and what happens to its result.
struct Product {
  let m: Int
  let n: Int
  let k: Int
  let a: Factor
  let b: Factor
  var start = Start.zero
  let target: ProductTarget
  /// The activation of the result, computed part by part; `nil` if there is none.
  var activated: ActivatedResult?
  /// The precision that factors are rounded to while they are packed.
  var precision = Precision.fp32
  /// Factors for the rows of b in memory, applied while b is packed; `nil` for none.
  var scale: RowScale?

  var size: ProductSize {
    ProductSize(
      m: m, n: n, k: k, precision: precision, turned: a.transposed, apart: target.isApart)
  }

  /// Packs b[inner, columns].
  func pack(_ inner: Range<Int>, _ columns: Range<Int>, into target: Pointer) {
    guard b.transposed else { return pack(inner, of: inner, columns, into: target) }
    packTransposed(
      precision, k: inner.count, n: columns.count,
      b.pointer(columns.lowerBound, inner.lowerBound), stride: b.stride,
      scale: scale?.from(columns.lowerBound),
      into: Panels(data: target, stride: 16 * precision.slots(inner.count)))
  }

  /// Packs b[part, columns] of a b that is not transposed. `part` is a part of a block's rows and
  /// begins at a whole slot.
  func pack(
    _ part: Range<Int>, of inner: Range<Int>, _ columns: Range<Int>, into target: Pointer
  ) {
    let panels = Panels(
      data: target + 16 * precision.slots(part.lowerBound - inner.lowerBound),
      stride: 16 * precision.slots(inner.count))
    if b.element == .bf16 {
      packHalves(
        k: part.count, n: columns.count, b.halves(part.lowerBound, columns.lowerBound),
        stride: b.stride, into: panels)
    } else {
      packPanels(
        precision, k: part.count, n: columns.count, b.pointer(part.lowerBound, columns.lowerBound),
        stride: b.stride, scale: scale?.from(part.lowerBound), into: panels)
    }
  }

  /// Whether a is read in place, without packing.
  var readsLeftInPlace: Bool {
    !a.transposed && (precision == .fp32 || a.element == .bf16)
  }

  /// Packs a[rows, part] for `multiply`, unless a is read in place.
  ///
  /// - Parameters:
  ///   - rows: rows within a strip, from the beginning of a piece on.
  ///   - inner: a block of the inner dimension.
  ///   - part: the elements of the block that are packed now, from a whole slot on.
  ///   - target: `leftCapacity` elements for the block of the strip.
  func packLeft(_ rows: Range<Int>, _ inner: Range<Int>, part: Range<Int>, into target: Pointer) {
    guard !readsLeftInPlace else { return }
    let first = part.lowerBound - inner.lowerBound
    let offset = rows.lowerBound % ProductSize.height
    switch (a.transposed, precision) {
    case (false, _):
      let distance = pairStride(inner.count)
      packRows(
        rows: rows.count, inner: part.count,
        a.pointer(rows.lowerBound, part.lowerBound), stride: a.stride,
        into: target + offset * distance + precision.slots(first), distance: distance)
    case (true, .fp32):
      let tile = sixesStride(inner.count)
      packSixes(
        rows: rows.count, inner: part.count,
        a.pointer(part.lowerBound, rows.lowerBound), stride: a.stride,
        into: target + offset / 6 * tile + 6 * first, tileStride: tile)
    case (true, .bf16):
      let distance = pairStride(inner.count)
      let place = target + offset * distance + precision.slots(first)
      if a.element == .bf16 {
        packColumnHalves(
          rows: rows.count, inner: part.count, a.halves(part.lowerBound, rows.lowerBound),
          stride: a.stride, into: place, distance: distance)
      } else {
        packColumns(
          rows: rows.count, inner: part.count, a.pointer(part.lowerBound, rows.lowerBound),
          stride: a.stride, into: place, distance: distance)
      }
    }
  }

  /// Returns a[row…, inner] as `multiply` reads it: in place, or in a strip from `packLeft`.
  private func left(_ row: Int, _ inner: Range<Int>, _ strip: Pointer) -> LeftFactor {
    let offset = row % ProductSize.height
    switch (a.transposed, precision) {
    case (false, _) where readsLeftInPlace:
      let stride = a.element.slots(a.stride)
      return LeftFactor(
        data: a.data + row * stride + a.element.slots(inner.lowerBound), rowStride: stride,
        innerStride: 1)
    case (true, .fp32):
      let tile = sixesStride(inner.count)
      return LeftFactor(
        data: strip + offset / 6 * tile, rowStride: 1, innerStride: 6, tileStride: tile)
    default:
      let distance = pairStride(inner.count)
      return LeftFactor(data: strip + offset * distance, rowStride: distance, innerStride: 1)
    }
  }

  /// Returns where [rows, columns] of the result is summed up: in the result itself, or in
  /// `workspace`, which must be large enough.
  func sums(_ rows: Range<Int>, _ columns: Range<Int>, workspace: @autoclosure () -> Pointer)
    -> Sums
  {
    guard case .sums(let data, let stride) = target else {
      return Sums(data: workspace(), stride: columns.count)
    }
    return Sums(data: data + rows.lowerBound * stride + columns.lowerBound, stride: stride)
  }

  /// Writes the complete sums of [rows, columns] to the target, unless they are there already.
  func finish(_ rows: Range<Int>, _ columns: Range<Int>, _ sums: Sums) {
    switch target {
    case .sums: break
    case .halves(let data, let stride):
      let target = Elements(data, .bf16)
      for row in rows {
        let source = sums.data + (row - rows.lowerBound) * sums.stride
        let offset = row * stride + columns.lowerBound
        forEachVector(columns.count) { i, lanes in
          target.store(load(source + i, lanes), offset + i, lanes)
        }
      }
    case .gradient(let gradient): gradient.compute(rows, columns, sums)
    case .pairs(let scan): scan.compute(rows, columns, sums)
    }
  }

  /// Computes sums = start + a[rows, inner] · packed for the `first` block of the inner dimension,
  /// and adds a[rows, inner] · packed to the sums for the others.
  ///
  /// - Parameters:
  ///   - rows: rows within a strip, from the beginning of a piece on.
  ///   - strip: where `packLeft` packed the block of the strip of a.
  ///   - packed: the block of b, packed.
  func multiply(
    _ rows: Range<Int>, _ columns: Range<Int>, _ inner: Range<Int>, first: Bool, strip: Pointer,
    packed: Pointer, into sums: Sums
  ) {
    let slots = precision.slots(inner.count)
    var begin = Start(data: sums.data, stride: sums.stride)
    if first {
      let origin = start.data.map { $0 + rows.lowerBound * start.stride + columns.lowerBound }
      begin = Start(data: origin, stride: start.stride)
    }
    multiplyPanels(
      precision, m: rows.count, n: columns.count, k: slots, left(rows.lowerBound, inner, strip),
      Panels(data: packed, stride: 16 * slots), start: begin, into: sums.data, stride: sums.stride)
  }
}
