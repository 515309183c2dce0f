extension RGBImage {
  /// Resizes a box: bit for bit PIL's `crop(…).resize(…)`.
  ///
  /// The order of the passes is that of Pillow up to 12; Pillow 13 takes the other one where the
  /// height shrinks markedly more than the width, and then differs at sharp edges.
  package func resized(
    box: ImageBox, to target: ImageSize, window: ImageBox, filter: ResizeFilter
  ) -> RGBImage {
    precondition(box.lies(in: size), "box beyond the picture")
    precondition(window.lies(in: target), "window beyond the resized picture")
    let across = ResizeWeights<Int32>(
      source: box.width, target: target.width, window: window.columns, filter: filter)
    let down = ResizeWeights<Int32>(
      source: box.height, target: target.height, window: window.rows, filter: filter)
    let columns = across.reach
    let rows = down.reach
    let rowLength = window.width * 3
    let stride = ResizePass.padded(rowLength)
    let made = [UInt8](unsafeUninitializedCapacity: rowLength * window.height) { to, count in
      count = rowLength * window.height
      pixels.withUnsafeBytes { from in
        withUnsafeTemporaryAllocation(byteCount: rows.count * stride, alignment: 64) { between in
          let corner =
            (box.top + rows.lowerBound) * width + box.left + columns.lowerBound
          ResizePass.across(
            from: from.baseAddress! + corner * 3, stride: width * 3, width: columns.count,
            to: between.baseAddress!, stride: stride, rows: rows.count, weights: across)
          ResizePass.down(
            from: between.baseAddress!, stride: stride,
            to: UnsafeMutableRawPointer(to.baseAddress!), rowLength: rowLength, weights: down)
        }
      }
    }
    return RGBImage(width: window.width, height: window.height, pixels: made)
  }
}
