#if canImport(Glibc)
  import Glibc
#endif

/// What attention reads and writes: packed tokens, each with its heads next to each other.
struct AttentionTokens {
  let width: Int
  let heads: Int
  /// [tokens, 3 · width]; may be bfloat16 only if the width of a head is even.
  let qkv: Factor
  let out: Elements
  /// [tokens, heads]
  let logSumExp: Pointer
  /// The precision that factors of products are rounded to. The softmax is fp32.
  let precision: Precision

  var headWidth: Int { width / heads }
}

/// One head of one sequence. Scores are computed for a block of queries at a time, in a worker's
/// workspace. Queries are the rows, keys the columns.
struct AttentionHead {
  let tokens: AttentionTokens
  private let layout: AttentionWorkspace
  /// The first token of the sequence, and the first column of the head.
  let token: Int
  let column: Int

  init(_ pass: AttentionPass, _ tokens: AttentionTokens, length: Int, token: Int, head: Int) {
    self.tokens = tokens
    self.token = token
    column = head * tokens.headWidth
    layout = AttentionWorkspace(
      pass, length: length, width: tokens.headWidth, precision: tokens.precision)
  }

  private var length: Int { layout.length }
  private var keys: Int { layout.keys }
  private var block: Int { layout.block }
  var width: Int { tokens.headWidth }
  var scale: Float { 1 / Float(width).squareRoot() }
  private var row: Int { 3 * tokens.width }
  private var query: Factor { part(0) }
  private var key: Factor { part(1) }
  private var value: Factor { part(2) }
  private var out: Elements { tokens.out.from(token * tokens.width + column) }
  private var logSumExp: Pointer {
    tokens.logSumExp + token * tokens.heads + column / width
  }

  private var precision: Precision { tokens.precision }

  /// Returns the queries (0), keys (1) or values (2) of the head: [length, width].
  private func part(_ number: Int) -> Factor {
    let element = tokens.qkv.element
    let offset = token * row + number * tokens.width + column
    return Factor(tokens.qkv.data + element.slots(offset), stride: row, element: element)
  }

  private func transposedPanels(_ source: Factor, _ target: inout Pointer) -> Panels {
    let slots = precision.slots(width)
    let panels = Panels(data: target, stride: 16 * slots)
    if source.element == .bf16 {
      packTransposedSlots(slots, length, source.data, source.stride / 2, panels)
    } else {
      packTransposed(
        precision, k: width, n: length, source.data, stride: source.stride, into: panels)
    }
    target += layout.transposed
    return panels
  }

  private func plainPanels(_ source: Factor, _ target: inout Pointer) -> Panels {
    let panels = Panels(data: target, stride: 16 * layout.depth)
    let slots = precision.slots(length)
    for column in stride(from: 0, to: width, by: 16) {
      let end = panels.data + column / 16 * panels.stride + 16 * slots
      end.update(repeating: 0, count: 16 * (layout.depth - slots))
    }
    if source.element == .bf16 {
      packHalves(k: length, n: width, source.halves(0, 0), stride: source.stride, into: panels)
    } else {
      packPanels(
        precision, k: length, n: width, source.data, stride: source.stride, into: panels)
    }
    target += layout.plain
    return panels
  }

  /// Computes a block of scores: rows of `left` [length, width] times transposed panels.
  private func scores(
    _ rows: Range<Int>, _ left: Factor, _ panels: Panels, start: Start = .zero, packing: Pointer,
    into target: Pointer
  ) {
    multiplyPanels(
      precision, m: rows.count, n: keys, k: precision.slots(width),
      leftRows(rows, left, into: packing), panels, start: start, into: target, stride: keys)
  }

  /// Returns rows of a left factor [length, width], in place or rounded into `target`.
  private func leftRows(_ rows: Range<Int>, _ left: Factor, into target: Pointer) -> LeftFactor {
    guard left.element == .bf16 else {
      return leftRows(
        rows.count, inner: width, left.pointer(rows.lowerBound, 0), stride: left.stride,
        into: target, distance: pairStride(width))
    }
    let stride = left.stride / 2
    return LeftFactor(
      data: left.data + rows.lowerBound * stride, rowStride: stride, innerStride: 1)
  }

  /// Multiplies a block of scores by plain panels. In bf16 the scores are rounded in place, and
  /// padded with zeros to whole chunks of slots.
  private func mix(
    _ rows: Range<Int>, _ scores: Pointer, _ panels: Panels, into target: Pointer, stride: Int
  ) {
    multiplyPanels(
      precision, m: rows.count, n: width, k: layout.depth,
      leftRows(rows.count, inner: length, scores, stride: keys, into: scores, distance: keys),
      panels, start: .zero, into: target, stride: stride)
  }

  /// Returns rows of an fp32 left factor, in place or rounded into `target`.
  private func leftRows(
    _ rows: Int, inner: Int, _ a: Pointer, stride: Int, into target: Pointer, distance: Int
  ) -> LeftFactor {
    guard precision == .bf16 else { return LeftFactor(data: a, rowStride: stride, innerStride: 1) }
    packRows(rows: rows, inner: inner, a, stride: stride, into: target, distance: distance)
    return LeftFactor(data: target, rowStride: distance, innerStride: 1)
  }

  private func forEachBlock(_ body: (Range<Int>) -> Void) {
    for first in stride(from: 0, to: length, by: block) {
      body(first..<min(length, first + block))
    }
  }

  /// out = softmax(q kᵀ · scale) v
  func forward(_ workspace: Pointer) {
    var free = workspace
    let keyPanels = transposedPanels(key, &free)
    let valuePanels = plainPanels(value, &free)
    let scoresBlock = free
    let mask = scoresBlock + layout.scores
    let inverse = mask + keys
    let packing = inverse + block
    let mixed = packing + layout.rows
    let distance = padded(width)
    // The scores are added to the mask, which removes columns past the last key from the softmax.
    for column in 0..<keys { mask[column] = column < length ? 0 : -.infinity }
    forEachBlock { rows in
      scores(
        rows, query, keyPanels, start: Start(data: mask, stride: 0), packing: packing,
        into: scoresBlock)
      for i in 0..<rows.count {
        let (total, logarithm) = exponentials(scoresBlock + i * keys)
        inverse[i] = 1 / total
        logSumExp[(rows.lowerBound + i) * tokens.heads] = logarithm
      }
      mix(rows, scoresBlock, valuePanels, into: mixed, stride: distance)
      for i in 0..<rows.count {
        let offset = (rows.lowerBound + i) * tokens.width
        forEachVector(width) { j, lanes in
          out.store(load(mixed + i * distance + j, lanes) * inverse[i], offset + j, lanes)
        }
      }
    }
  }

  /// Replaces a row of scores by exp(scale · (score − largest)). Returns the sum of these and the
  /// row's log-sum-exp.
  @inline(__always)
  private func exponentials(_ scores: Pointer) -> (total: Float, logSumExp: Float) {
    let scale = scale
    let offset = maximum(keys, scores) * scale
    var total = Vector.zero
    forEachVector(keys) { i, _ in
      let e = exp(load(scores + i) * scale - offset)
      store(e, scores + i)
      total += e
    }
    let all = sumOfLanes(total)
    return (all, offset + log(all))
  }

  /// Computes the gradients by queries, keys and values. With the probabilities P and
  /// D = P ∘ (dOut vᵀ − Σ dOut ∘ out) · scale:
  /// dq = D k, dk = Dᵀ q, dv = Pᵀ dOut.
  func backward(_ workspace: Pointer, dOut: Pointer, dQKV: Pointer) {
    var free = workspace
    let gradient = Factor(dOut + token * tokens.width + column, stride: tokens.width)
    let dQuery = dQKV + token * row + column
    let dKey = dQuery + tokens.width
    let dValue = dKey + tokens.width
    let keysTransposed = transposedPanels(key, &free)
    let valuesTransposed = transposedPanels(value, &free)
    let keyPanels = plainPanels(key, &free)
    let queryPanels = plainPanels(query, &free)
    let gradientPanels = plainPanels(gradient, &free)
    let probabilities = free
    let dScores = probabilities + layout.scores
    let packing = dScores + layout.scores
    let tiles = packing + layout.rows
    forEachBlock { rows in
      scores(rows, query, keysTransposed, packing: packing, into: probabilities)
      scores(rows, gradient, valuesTransposed, packing: packing, into: dScores)
      softmaxBackward(rows, gradient.data, probabilities, dScores)
      addTransposed(rows, dScores, queryPanels, packing: tiles, to: dKey)
      addTransposed(rows, probabilities, gradientPanels, packing: tiles, to: dValue)
      mix(rows, dScores, keyPanels, into: dQuery + rows.lowerBound * row, stride: row)
    }
  }

  /// Replaces scores by probabilities, and gradients of probabilities by gradients of scores.
  private func softmaxBackward(
    _ rows: Range<Int>, _ gradient: Pointer, _ probabilities: Pointer, _ dScores: Pointer
  ) {
    let scale = scale
    for i in 0..<rows.count {
      let token = rows.lowerBound + i
      let mean = along(gradient + token * tokens.width, token)
      let logarithm = logSumExp[token * tokens.heads]
      let (p, d) = (probabilities + i * keys, dScores + i * keys)
      forEachVector(keys) { j, _ in
        let probability = exp(load(p + j) * scale - logarithm)
        store(probability, p + j)
        store(probability * (load(d + j) - mean) * scale, d + j)
      }
    }
  }

  /// Returns Σ dOut ∘ out of a token.
  @inline(__always)
  private func along(_ gradient: Pointer, _ token: Int) -> Float {
    let (out, offset) = (out, token * tokens.width)
    var total = Vector.zero
    forEachVector(width) { i, lanes in
      total.addProduct(load(gradient + i, lanes), out.load(offset + i, lanes))
    }
    return sumOfLanes(total)
  }

  /// Adds leftᵀ · (the panels of `rows`) to `target`, which the first block overwrites.
  private func addTransposed(
    _ rows: Range<Int>, _ left: Pointer, _ panels: Panels, packing: Pointer, to target: Pointer
  ) {
    var columns = LeftFactor(data: left, rowStride: 1, innerStride: keys)
    if precision == .bf16 {
      let distance = pairStride(rows.count)
      packColumns(
        rows: length, inner: rows.count, left, stride: keys, into: packing, distance: distance)
      columns = LeftFactor(data: packing, rowStride: distance, innerStride: 1)
    }
    // A block begins at an even row, so at the beginning of a slot.
    multiplyPanels(
      precision, m: length, n: width, k: precision.slots(rows.count), columns,
      Panels(data: panels.data + 16 * precision.slots(rows.lowerBound), stride: panels.stride),
      start: rows.lowerBound == 0 ? .zero : Start(data: target, stride: row), into: target,
      stride: row)
  }
}
