extension PickleTensor {
  /// The number of elements, or `nil` if it overflows an `Int`.
  var count: Int? {
    if shape.contains(0) { return 0 }
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      count = product
    }
    return count
  }

  /// The number of elements from the view's first to its last, or `nil` if the view is invalid.
  /// It is no larger than the storage for every view that PyTorch makes, also for one that repeats
  /// elements with a stride of 0.
  var span: Int? {
    guard shape.count == strides.count, let count else { return nil }
    var span = count == 0 ? 0 : 1
    for (extent, stride) in zip(shape, strides) where count > 0 {
      let (reach, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, carry) = span.addingReportingOverflow(reach)
      if overflow || carry { return nil }
      span = sum
    }
    return span
  }

  /// Whether all elements lie within the part of the storage that the tensor may refer to.
  var isWithinStorage: Bool {
    // A storage's size in elements of the tensor's type, which differs from its own if it has none.
    guard let span, offset >= 0 else { return false }
    let (first, overflow) = storage.view.lowerBound.addingReportingOverflow(offset)
    let (last, carry) = first.addingReportingOverflow(span)
    let (end, product) = last.multipliedReportingOverflow(by: element.size)
    return !overflow && !carry && !product
      && end <= storage.view.upperBound * storage.element.size
  }

  var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      if stride != expected { return false }
      expected *= extent
    }
    return true
  }

  /// Returns the elements of `values`, which are laid out by the strides, in row-major order.
  func gathered(_ values: [Float]) -> [Float] {
    var index = [Int](repeating: 0, count: shape.count)
    var place = 0
    return (0..<(count ?? 0)).map { _ in
      defer {
        var axis = shape.count - 1
        while axis >= 0 {
          index[axis] += 1
          place += strides[axis]
          if index[axis] < shape[axis] { break }
          place -= index[axis] * strides[axis]
          index[axis] = 0
          axis -= 1
        }
      }
      return values[place]
    }
  }
}
