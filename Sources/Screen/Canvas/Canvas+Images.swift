extension Canvas {
  /// The images of which no cell was drawn over, such as by a window.
  package var visibleImages: [CanvasImage] {
    images.filter { image in
      (image.place.y..<image.place.maxY).allSatisfy { y in
        (image.place.x..<image.place.maxX).allSatisfy { self[$0, y].style.pixels != nil }
      }
    }
  }
}
