/// Where the pixels of a square image come from when it is turned.
enum QuarterTurn {
  /// Calls `body` with the number of each pixel and of that which comes there, when the image is turned to the
  /// left by quarters of a circle.
  @inline(__always)
  static func forEach(_ quarters: Int, side: Int, _ body: (_ to: Int, _ from: Int) -> Void) {
    let last = side - 1
    for y in 0..<side {
      for x in 0..<side {
        let (fromX, fromY) =
          switch quarters & 3 {
          case 1: (last - y, x)
          case 2: (last - x, last - y)
          case 3: (y, last - x)
          default: (x, y)
          }
        body(y * side + x, fromY * side + fromX)
      }
    }
  }
}
