#if canImport(Glibc)
  import Glibc
#endif

/// An affine map from the places of one picture to those of another.
struct Alignment: Sendable, Equatable {
  var xx: Float
  var xy: Float
  var yx: Float
  var yy: Float
  var dx: Float
  var dy: Float

  func callAsFunction(_ x: Float, _ y: Float) -> (x: Float, y: Float) {
    (xx * x + xy * y + dx, yx * x + yy * y + dy)
  }

  /// The number of pixels of the second picture for one of the first, along a side.
  var scale: Float { abs(xx * yy - xy * yx).squareRoot() }

  /// The same map for pictures of other sizes.
  func scaled(from a: Float, to b: Float) -> Alignment {
    var map = self
    let ratio = b / a
    (map.xx, map.xy, map.yx, map.yy) = (xx * ratio, xy * ratio, yx * ratio, yy * ratio)
    (map.dx, map.dy) = (dx * b, dy * b)
    return map
  }

  /// The similarity that moves one keypoint onto another.
  init(from a: Keypoint, to b: Keypoint) {
    let (ratio, turn) = (b.scale / a.scale, b.angle - a.angle)
    (xx, xy) = (ratio * cos(turn), -ratio * sin(turn))
    (yx, yy) = (ratio * sin(turn), ratio * cos(turn))
    dx = b.x - xx * a.x - xy * a.y
    dy = b.y - yx * a.x - yy * a.y
  }

  /// The affine map with the least squared error; `nil` if the places are on a line.
  init?(_ places: [(from: (x: Float, y: Float), to: (x: Float, y: Float))]) {
    let count = Float(places.count)
    let middle = places.reduce(into: (x: Float(0), y: Float(0))) {
      $0.x += $1.from.x / count
      $0.y += $1.from.y / count
    }
    let target = places.reduce(into: (x: Float(0), y: Float(0))) {
      $0.x += $1.to.x / count
      $0.y += $1.to.y / count
    }
    var (sxx, sxy, syy): (Float, Float, Float) = (0, 0, 0)
    var (txx, txy, tyx, tyy): (Float, Float, Float, Float) = (0, 0, 0, 0)
    for (from, to) in places {
      let (x, y) = (from.x - middle.x, from.y - middle.y)
      let (u, v) = (to.x - target.x, to.y - target.y)
      sxx += x * x
      sxy += x * y
      syy += y * y
      txx += u * x
      txy += u * y
      tyx += v * x
      tyy += v * y
    }
    let determinant = sxx * syy - sxy * sxy
    guard determinant > 1e-2 * (sxx + syy) * (sxx + syy) else { return nil }
    xx = (txx * syy - txy * sxy) / determinant
    xy = (txy * sxx - txx * sxy) / determinant
    yx = (tyx * syy - tyy * sxy) / determinant
    yy = (tyy * sxx - tyx * sxy) / determinant
    dx = target.x - xx * middle.x - xy * middle.y
    dy = target.y - yx * middle.x - yy * middle.y
  }
}
