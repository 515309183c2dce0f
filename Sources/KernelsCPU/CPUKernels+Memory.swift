import Kernels
import Tensor

extension CPUKernels {
  package func upload(_ values: UnsafeBufferPointer<Float>, to buffer: Buffer) {
    precondition(values.count <= buffer.count)
    if values.count > 0 {
      pointer(buffer).update(from: values.baseAddress!, count: values.count)
    }
  }

  package func upload(_ values: UnsafeBufferPointer<Int32>, to indices: Indices) {
    precondition(values.count <= indices.count)
    if values.count > 0 {
      pointer(indices).update(from: values.baseAddress!, count: values.count)
    }
  }

  package func download(_ buffer: Buffer, to values: UnsafeMutableBufferPointer<Float>) {
    precondition(values.count >= buffer.count)
    if buffer.count > 0 {
      values.baseAddress!.update(from: pointer(buffer), count: buffer.count)
    }
  }

  package func read(_ scalars: Scalars, to values: UnsafeMutableBufferPointer<Double>) {
    precondition(values.count >= scalars.count)
    for index in 0..<scalars.count { values[index] = pointer(scalars[index]).pointee }
  }

  package func fill(_ buffer: Buffer, with value: Float) {
    let target = pointer(buffer)
    parallel(buffer.count, cost: 1, grain: 65_536) { range in
      (target + range.lowerBound).update(repeating: value, count: range.count)
    }
  }

  package func copy(_ source: Buffer, to target: Buffer) {
    precondition(source.count == target.count)
    let from = pointer(source)
    let to = pointer(target)
    parallel(source.count, cost: 1, grain: 65_536) { range in
      (to + range.lowerBound).update(from: from + range.lowerBound, count: range.count)
    }
  }

  package var device: any Device { CPUDevice(precision: precision, threads: pool.threads) }

  package func add(_ source: Buffer, scale: Float, to target: Buffer) {
    precondition(source.count == target.count)
    let from = pointer(source)
    let to = pointer(target)
    parallel(source.count, cost: 1, grain: 65_536) { range in
      let factor = Vector(repeating: scale)
      combine(range.count, from + range.lowerBound, to + range.lowerBound, to + range.lowerBound) {
        $1.addingProduct($0, factor)
      }
    }
  }
}
