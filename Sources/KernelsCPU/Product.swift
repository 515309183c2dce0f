import Tensor

/// A matrix of a product as it lies in memory: rows `stride` elements apart, to be read transposed or
/// not. One of bfloat16 has rows of whole slots, so an even stride.
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

  /// Where an element of fp32 is.
  func pointer(_ row: Int, _ column: Int) -> Pointer { data + row * stride + column }

  /// Where an element of bfloat16 is.
  func halves(_ row: Int, _ column: Int) -> UnsafeRawPointer {
    UnsafeRawPointer(data) + 2 * (row * stride + column)
  }
}

/// start + a [m, k] · b [k, n]
struct Product {
  let m: Int
  let n: Int
  let k: Int
  let a: Factor
  let b: Factor
  var start = Start.zero
  let target: ProductTarget
  /// An activation of the result, made part by part.
  var activated: ActivatedResult?
  /// What the factors are rounded to as they are packed.
  var precision = Precision.fp32
  /// What the rows of b, as they lie in memory, are multiplied by as they are packed.
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

  /// Packs b[part, columns], b as it lies: a part of a block's rows, from a whole slot on.
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

  /// Whether a is read where it lies.
  var readsLeftInPlace: Bool {
    !a.transposed && (precision == .fp32 || a.element == .bf16)
  }

  /// Packs a[rows, inner] for `multiply`, where it is not read in place. `rows` lie within a strip,
  /// from the beginning of a piece on; `part`: those of a block's elements that are packed now, from a
  /// whole slot on. target: `leftCapacity` elements for the block of the strip.
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

  /// a[row…, inner] as `multiply` reads it: where it lies, or as `packLeft` left its strip.
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

  /// Where [rows, columns] of the result is summed up: where it stays, or in `workspace`, which is
  /// large enough for it.
  func sums(_ rows: Range<Int>, _ columns: Range<Int>, workspace: @autoclosure () -> Pointer)
    -> Sums
  {
    guard case .sums(let data, let stride) = target else {
      return Sums(data: workspace(), stride: columns.count)
    }
    return Sums(data: data + rows.lowerBound * stride + columns.lowerBound, stride: stride)
  }

  /// Takes whole sums of [rows, columns] to where they belong, if they are elsewhere.
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
    }
  }

  /// sums = start + a[rows, inner] · packed for the `first` block of the inner dimension; the others
  /// are added to it.
  /// - Parameters:
  ///   - rows: within a strip, from the beginning of a piece on.
  ///   - strip: where `packLeft` left a's block of the strip.
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
