import CNCurses
import FoundationEssentials
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The terminal, controlled by ncurses. It shows canvases and reads keys.
///
/// A process may have one at a time, used by one thread. The terminal is restored by `close`, and
/// also if a signal or a crash ends the program.
package final class Terminal {
  /// Whether the terminal can show glyphs beyond ASCII.
  private let isUnicode: Bool
  private let palette: Palette
  private let screen: OpaquePointer
  private var theme: Theme
  private var pairs: [Pair: Int32] = [:]
  /// How styles look in the theme, as far as they were drawn.
  private var looks: [Style: Palette.Look] = [:]
  private var shown: Canvas?
  /// Whether the terminal shows pixels, and the images that it shows; `nil` if that is not known.
  private let showsPixels: Bool
  private var images: [CanvasImage]? = []
  private var isOpen = true

  private struct Pair: Hashable {
    var foreground: Int32
    var background: Int32
  }

  /// Takes control of the terminal. Throws if standard input or output is not a terminal, or if
  /// `TERM` is not set, unknown, or the name of one that cannot move its cursor.
  package init(
    theme: Theme, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(TerminalError) {
    try Self.check()
    isUnicode = Self.showsUnicode
    self.theme = theme
    let name = Self.terminalName(environment)
    guard !name.isEmpty else { throw .unset }
    guard dino_moves_cursor(name) != 0 else { throw .cannotMove(name: name) }
    dino_terminal_save()
    guard let screen = dino_open(name) else {
      dino_terminal_release()
      throw .unknown(name: name)
    }
    self.screen = screen
    palette = Self.palette(environment)
    showsPixels = palette != .none && KittyGraphics.isKnown(environment)
    dino_set_input_modes()
    dino_terminal_arm()
    use(theme)
  }

  deinit { close() }

  /// Throws if standard input or output is not a terminal.
  package static func check() throws(TerminalError) {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw .noTerminal }
  }

  /// Whether the user's locale has the glyphs of charts. Those of ASCII stand for them otherwise.
  package static var showsUnicode: Bool {
    setlocale(LC_ALL, "")
    return dino_is_utf8() == 1
  }

  /// Restores the terminal. Further calls do nothing.
  package func close() {
    guard isOpen else { return }
    isOpen = false
    show([])
    endwin()
    delscreen(screen)
    dino_terminal_release()
  }

  /// Takes the mouse, whose selection of text the terminal then only gives with a key held down.
  package func useMouse() { dino_use_mouse() }

  /// Gives the terminal to the shell and stops this program, until the shell lets it go on.
  package func suspend() {
    endwin()
    raise(SIGTSTP)
    dino_set_input_modes()
    redraw()
  }

  /// The current size in columns and rows.
  package var size: Size { Size(Int(dino_columns()), Int(dino_rows())) }

  /// Changes the theme, from the next frame on.
  package func use(_ theme: Theme) {
    self.theme = theme
    (pairs, looks) = ([:], [:])
    (shown, images) = (nil, nil)
    if palette != .none {
      dino_set_background(pair(palette.look(of: Style(), in: theme)))
    }
    erase()
  }

  /// Shows a frame. Only cells that differ from the last frame are written.
  package func show(_ canvas: Canvas) {
    let canvas = !isUnicode ? canvas.ascii : palette == .none ? canvas.shaded : canvas
    // Pictures use pairs of colours that are not needed again.
    if pairs.count > dino_pairs() * 3 / 4 { use(theme) }
    let before = shown?.size == canvas.size ? shown : nil
    if before == nil { erase() }
    for y in 0..<canvas.size.height {
      for x in 0..<canvas.size.width {
        let cell = canvas[x, y]
        guard cell.glyph != Cell.continuation, before.map({ $0[x, y] != cell }) ?? true else {
          continue
        }
        write(cell, x: x, y: y)
      }
    }
    refresh()
    shown = canvas
    show(canvas.visibleImages)
  }

  /// Shows images with all their pixels over their cells, if the terminal can and they are not those that it shows.
  private func show(_ images: [CanvasImage]) {
    guard showsPixels, images != self.images else { return }
    self.images = images
    var text = KittyGraphics.text(images)
    _ = text.withUTF8 { FileSystem.write(UnsafeRawBufferPointer($0), to: STDOUT_FILENO) }
  }

  /// Makes the next frame write all cells, after a resize or output by another program.
  package func redraw() {
    (shown, images) = (nil, nil)
    clear()
  }

  private func write(_ cell: Cell, x: Int, y: Int) {
    let look = look(of: cell.style)
    let bits = Self.bits.reduce(attr_t(0)) { look.attributes.contains($1.0) ? $0 | $1.1 : $0 }
    dino_put(Int32(y), Int32(x), cell.glyph.value, bits, pair(look))
  }

  private func look(of style: Style) -> Palette.Look {
    if let look = looks[style] { return look }
    let look = palette.look(of: style, in: theme)
    // A picture has a style for each of its cells.
    if looks.count > 4096 { looks = [:] }
    looks[style] = look
    return look
  }

  private static let bits: [(Attributes, attr_t)] = [
    (.bold, dino_bold()), (.dim, dino_dim()), (.reverse, dino_reverse()),
    (.underline, dino_underline()),
  ]

  /// Returns ncurses's number for a pair of colours, allocating it if it is new. Returns 0 if no
  /// more pairs are available.
  private func pair(_ look: Palette.Look) -> Int32 {
    guard palette != .none else { return 0 }
    let wanted = Pair(foreground: look.foreground, background: look.background)
    if let number = pairs[wanted] { return number }
    let number = Int32(pairs.count + 1)
    guard number < dino_pairs(),
      init_extended_pair(number, wanted.foreground, wanted.background) == OK
    else { return 0 }
    pairs[wanted] = number
    return number
  }
}

/// The reason why a terminal cannot be used.
package enum TerminalError: Error, CustomStringConvertible {
  private static let remedy =
    "set TERM, for example to xterm-256color, or use 'dino status', which prints plain text"

  case noTerminal
  case unset
  case unknown(name: String)
  /// A terminal that only prints line after line.
  case cannotMove(name: String)

  package var description: String {
    switch self {
    case .noTerminal:
      "standard input and output are not a terminal; 'dino status' prints a run as plain text"
    case .unset:
      "TERM is not set, so it is unknown what the terminal can do; \(Self.remedy)"
    case .unknown(let name):
      "unknown terminal '\(name)'; \(Self.remedy)"
    case .cannotMove(let name):
      "the terminal '\(name)' cannot move its cursor; \(Self.remedy)"
    }
  }
}
