extension RGBImage {
  /// Crops a box and resizes it: bit for bit PIL's `crop(…).resize(…)`.
  ///
  /// The box must lie within the image; pixels outside it have no influence. The order of the
  /// passes is that of Pillow up to 12; Pillow 13 takes the other one where the height shrinks
  /// markedly more than the width, and then differs at sharp edges. Any thread may call.
  package func resizedCrop(
    left: Int, top: Int, width: Int, height: Int, toWidth: Int, toHeight: Int,
    filter: ResizeFilter = .bicubic
  ) -> RGBImage {
    resized(
      box: ImageBox(left: left, top: top, width: width, height: height),
      to: ImageSize(width: toWidth, height: toHeight),
      window: ImageBox(left: 0, top: 0, width: toWidth, height: toHeight), filter: filter)
  }

  /// Returns the image at another size, like PIL's `resize(…)`.
  package func resized(
    toWidth: Int, toHeight: Int, filter: ResizeFilter = .bicubic
  ) -> RGBImage {
    resizedCrop(
      left: 0, top: 0, width: width, height: height, toWidth: toWidth, toHeight: toHeight,
      filter: filter)
  }

  /// Resizes `box` to the size `target`, of which only the pixels in `window` are computed.
  func resized(
    box: ImageBox, to target: ImageSize, window: ImageBox, filter: ResizeFilter
  ) -> RGBImage {
    precondition(box.lies(in: ImageSize(width: width, height: height)), "box beyond the picture")
    precondition(window.lies(in: target), "window beyond the resized picture")
    let across = ResizeWeights(
      source: box.width, target: target.width, window: window.columns, filter: filter)
    let down = ResizeWeights(
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

/// A rectangle of pixels: columns left ..< left + width, rows top ..< top + height.
struct ImageBox {
  var left: Int
  var top: Int
  var width: Int
  var height: Int

  var columns: Range<Int> { left..<left + width }
  var rows: Range<Int> { top..<top + height }

  /// Whether the box is not empty and lies within an image of a given size.
  func lies(in size: ImageSize) -> Bool {
    left >= 0 && top >= 0 && width > 0 && height > 0
      && width <= size.width - left && height <= size.height - top
  }
}
