/// A place of a picture that is found again in copies of it.
struct Keypoint: Sendable, Equatable {
  /// The place, in pixels of the picture.
  var x: Float
  var y: Float
  /// The scale, in pixels: the blur at which it is most distinct.
  var scale: Float
  /// The main direction of the gradient around it, in radians.
  var angle: Float
}
