import Run
import Support

/// Draws pictures of the run: of the probe's images and what the network makes of them, at the cursor or at the
/// last probe, or of the crops of the last batch.
func drawPictures(_ view: RunView, on canvas: inout Canvas) {
  let shown = view.state.pictures
  let gallery = PictureGallery(view.pictures, shown, upTo: view.state.cursor)
  let next = [("   v", Style(.accent)), (" \(shown.next.rawValue)", Style(.dim))]
  guard let step = gallery.step else {
    canvas.paragraph(
      missing(view), x: 0, y: max(canvas.height / 2 - 1, 0), lines: 3, Style(.dim))
    canvas.text(next, x: -3, y: canvas.height - 1)
    return
  }
  let place = GalleryLayout(gallery, canvas.width, canvas.height - 2)
  for (position, number) in gallery.numbers.prefix(place.shown).enumerated() {
    for (kind, area) in place.areas(position) {
      if let picture = gallery.picture(number, kind) { canvas.pixels(picture, area) }
    }
  }
  let left = gallery.numbers.count - place.shown
  let rest = left > 0 ? "   \(Format.count(left, "image")) more in a larger terminal" : ""
  canvas.text(
    [
      ("step \(Format.count(step))", Style(.text, .bold))
    ] + next + [("   \(shown.legend)\(rest)", Style(.dim))], x: 0, y: canvas.height - 1)
}

/// Why there are no pictures.
private func missing(_ view: RunView) -> String {
  if view.record.evaluations.isEmpty {
    return "no probe yet: the first one makes the first pictures"
  }
  let isAlive = view.record.status.state.isAlive
  if isAlive, PictureView.allCases.contains(where: { $0 != .crops && $0.isAmong(view.pictures) }) {
    return "no \(view.state.pictures.rawValue) yet: the next probe may make these pictures"
  }
  if !view.pictures.isEmpty { return "this run has no pictures of \(view.state.pictures.rawValue)" }
  return
    "no pictures: probe.pictures is 0, probe.label_free is off, or the probe's images cannot be read"
}
