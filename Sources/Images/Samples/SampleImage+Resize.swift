extension SampleImage {
  /// Resizes like PIL's `resize` of an image in mode F, up to rounding. Columns are resized before
  /// rows, which leaves fewer rows for the slower pass.
  package func resized(
    box: ImageBox, to target: ImageSize, window: ImageBox, filter: ResizeFilter
  ) -> SampleImage {
    precondition(box.lies(in: size), "box beyond the picture")
    precondition(window.lies(in: target), "window beyond the resized picture")
    let across = ResizeWeights<Float>(
      source: box.width, target: target.width, window: window.columns, filter: filter)
    let down = ResizeWeights<Float>(
      source: box.height, target: target.height, window: window.rows, filter: filter)
    let columns = across.reach
    let rows = down.reach
    let corner = (box.top + rows.lowerBound) * width + box.left + columns.lowerBound
    let made = window.width * window.height
    let values = [Float](unsafeUninitializedCapacity: channels * made) { to, count in
      self.values.withUnsafeBufferPointer { from in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: columns.count * window.height) {
          between in
          for channel in 0..<channels {
            Self.down(
              from.baseAddress! + channel * planeCount + corner, stride: width,
              between.baseAddress!, width: columns.count, down)
            Self.across(
              between.baseAddress!, stride: columns.count, to.baseAddress! + channel * made,
              rows: window.height, across)
          }
        }
      }
      count = channels * made
    }
    return SampleImage(width: window.width, height: window.height, values: values)
  }

  /// Resizes all columns of a plane.
  private static func down(
    _ from: UnsafePointer<Float>, stride: Int, _ to: UnsafeMutablePointer<Float>, width: Int,
    _ weights: ResizeWeights<Float>
  ) {
    weights.withRuns { runs in
      for (y, run) in runs.enumerated() {
        let target = to + y * width
        for x in 0..<width { target[x] = 0 }
        for tap in 0..<run.count {
          let source = from + (run.start + tap) * stride
          let weight = run.weights[tap]
          for x in 0..<width { target[x] += weight * source[x] }
        }
      }
    }
  }

  /// Resizes all rows of a plane.
  private static func across(
    _ from: UnsafePointer<Float>, stride: Int, _ to: UnsafeMutablePointer<Float>, rows: Int,
    _ weights: ResizeWeights<Float>
  ) {
    weights.withRuns { runs in
      for y in 0..<rows {
        let source = from + y * stride
        let target = to + y * runs.count
        for (x, run) in runs.enumerated() {
          var sum: Float = 0
          for tap in 0..<run.count { sum += run.weights[tap] * source[run.start + tap] }
          target[x] = sum
        }
      }
    }
  }
}
