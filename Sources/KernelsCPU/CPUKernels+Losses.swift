import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

extension CPUKernels {
  package func crossEntropy(
    _ logits: Matrix, targets: Matrix, weights: Buffer, temperature: Float, losses: Buffer
  ) {
    precondition(temperature > 0)
    let width = logits.columns
    rowLosses(logits, targets: targets, weights: weights, losses: losses) { x, target, weight in
      crossEntropyRow(width, x, target: target, weight: weight, temperature: temperature)
    }
  }

  /// Writes the loss of each row, which `loss` returns of a row x, its target and its weight, after it has replaced
  /// x by the gradient. Row r belongs to row r mod `targets.rows` of `targets`.
  @inline(__always)
  func rowLosses(
    _ x: Matrix, targets: Matrix, weights: Buffer, losses: Buffer,
    _ loss: (_ x: Pointer, _ target: Pointer, _ weight: Float) -> Float
  ) {
    precondition(x.columns == targets.columns && (x.rows == 0 || targets.rows > 0))
    precondition(weights.count >= x.rows && losses.count >= x.rows)
    let width = x.columns
    let (first, wanted) = (pointer(x), pointer(targets))
    let (factors, results) = (pointer(weights), pointer(losses))
    parallel(x.rows, cost: width) { rows in
      for row in rows {
        results[row] = loss(
          first + row * width, wanted + row % targets.rows * width, factors[row])
      }
    }
  }

  package func koleo(
    _ x: Matrix, weight: Float, workspace: KoLeoWorkspace, dx: Matrix, losses: Buffer
  ) {
    let (count, width) = (x.rows, x.columns)
    precondition(dx.rows == count && dx.columns == width && losses.count >= count)
    precondition(workspace.normalised.columns == width && workspace.normalised.rows >= count)
    guard count > 0 else { return }
    let unit = workspace.normalised.first(count)
    let dUnit = workspace.dNormalised.first(count)
    let dots = workspace.dots.buffer.matrix(count, count)
    l2Normalise(x, eps: 1e-8, norms: workspace.norms, into: unit)
    compute(
      Product(
        m: count, n: count, k: width, a: Factor(pointer(unit), stride: width),
        b: Factor(pointer(unit), stride: width, transposed: true),
        target: .sums(pointer(dots), stride: count)))
    fill(dUnit.buffer, with: 0)
    let neighbours = nearestNeighbours(pointer(dots), count)
    let (points, gradients, results) = (pointer(unit), pointer(dUnit), pointer(losses))
    for i in 0..<count {
      let other = Int(neighbours[i])
      results[i] = addRepulsion(
        width, points + i * width, points + other * width, weight: weight / Float(count),
        gradients + i * width, gradients + other * width)
    }
    l2NormaliseBackward(dUnit, y: unit, norms: workspace.norms, eps: 1e-8, dx: dUnit)
    add(dUnit.buffer, scale: 1, to: dx.buffer)
  }

  /// Returns, for each row of `dots` [count, count], the index of the other row with the largest
  /// dot product. The diagonal is overwritten.
  private func nearestNeighbours(_ dots: Pointer, _ count: Int) -> UnsafeMutablePointer<Int32> {
    let chosen = UnsafeMutableRawPointer(sharedWorkspace(count)).bindMemory(
      to: Int32.self, capacity: count)
    parallel(count, cost: count) { rows in
      for row in rows {
        let place = dots + row * count
        place[row] = -1
        chosen[row] = Int32(firstMaximum(count, place))
      }
    }
    return chosen
  }
}

/// Replaces a row of logits x by weight × the gradient of their cross-entropy, and returns the
/// unweighted cross-entropy. With z = x / temperature and the target t, the cross-entropy is
/// Σt · log Σ exp(z) − Σ t z, and its gradient (softmax(z) Σt − t) / temperature.
@inline(__always)
private func crossEntropyRow(
  _ width: Int, _ x: Pointer, target: Pointer, weight: Float, temperature: Float
) -> Float {
  let inverse = 1 / temperature
  let top = maximum(width, x)
  var total = Vector.zero
  var mass = Vector.zero
  var match = Vector.zero
  forEachVector(width) { i, lanes in
    // Past the end the exponential must be zero; the target there is zero.
    let z = (load(x + i, lanes, fill: -1e30) - top) * inverse
    let t = load(target + i, lanes)
    let e = exp(z)
    total += e
    mass += t
    match.addProduct(t, z)
    store(e, x + i, lanes)
  }
  let (all, whole) = (sumOfLanes(total), sumOfLanes(mass))
  let slope = weight * inverse
  let share = Vector(repeating: slope * whole / all)
  combine(width, x, target, x) { ($0 * share).addingProduct($1, Vector(repeating: -slope)) }
  return whole * log(all) - sumOfLanes(match)
}

/// Adds the gradient of weight · −log(d + 1e-8), with d = ‖a − b + 1e-8‖, to the gradients of both
/// points, and returns −log(d + 1e-8). A single point is its own neighbour, and the two parts of
/// its gradient cancel.
@inline(__always)
private func addRepulsion(
  _ width: Int, _ a: Pointer, _ b: Pointer, weight: Float, _ dA: Pointer, _ dB: Pointer
) -> Float {
  let eps: Float = 1e-8
  var squares = Vector.zero
  forEachVector(width) { i, lanes in
    // Past the end the difference is zero.
    let difference = load(a + i, lanes) - load(b + i, lanes, fill: eps) + eps
    squares.addProduct(difference, difference)
  }
  let distance = sumOfLanes(squares).squareRoot()
  let slope = -weight / (distance + eps) / distance
  forEachVector(width) { i, lanes in
    let step = (load(a + i, lanes) - load(b + i, lanes) + eps) * slope
    store(load(dA + i, lanes) + step, dA + i, lanes)
    store(load(dB + i, lanes) - step, dB + i, lanes)
  }
  return -log(distance + eps)
}
