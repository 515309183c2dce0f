import CNCurses
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

/// The terminal in ncurses's hands: shows canvases and reads keys. One a process, one thread.
///
/// It is given back as it was on `close`, and also where a signal or a crash ends the program.
package final class Terminal {
  /// Whether glyphs beyond ASCII can be shown.
  private let isUnicode: Bool
  private let palette: Palette
  private let screen: OpaquePointer
  private var theme: Theme
  private var pairs: [Pair: Int32] = [:]
  private var shown: Canvas?
  private var isOpen = true

  private struct Pair: Hashable {
    var foreground: Int32
    var background: Int32
  }

  /// Takes the terminal over. Throws where standard input or output is none, or `TERM` is unknown.
  package init(
    theme: Theme, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(TerminalError) {
    try Self.check()
    setlocale(LC_ALL, "")
    isUnicode = dino_is_utf8() == 1
    self.theme = theme
    let name = Self.terminalName(environment)
    dino_terminal_save()
    guard let screen = dino_open(name) else {
      dino_terminal_release()
      throw .unknown(name: name)
    }
    self.screen = screen
    palette = Self.palette(environment)
    dino_set_input_modes()
    dino_terminal_arm()
    use(theme)
  }

  deinit { close() }

  /// Throws where standard input or output is no terminal.
  package static func check() throws(TerminalError) {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw .noTerminal }
  }

  /// Gives the terminal back.
  package func close() {
    guard isOpen else { return }
    isOpen = false
    endwin()
    delscreen(screen)
    dino_terminal_release()
  }

  /// Columns and rows at present.
  package var size: Size { Size(Int(dino_columns()), Int(dino_rows())) }

  /// Shows everything in the colours of another theme from the next frame on.
  package func use(_ theme: Theme) {
    self.theme = theme
    pairs = [:]
    shown = nil
    if palette != .none {
      dino_set_background(pair(palette.look(of: Style(), in: theme)))
    }
    erase()
  }

  /// Shows a frame; only the cells that differ from the last one are written.
  package func show(_ canvas: Canvas) {
    let canvas = isUnicode ? canvas : canvas.ascii
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
  }

  /// Writes everything anew: after a resize, or where something else wrote on the terminal.
  package func redraw() {
    shown = nil
    clear()
  }

  private func write(_ cell: Cell, x: Int, y: Int) {
    let look = palette.look(of: cell.style, in: theme)
    let bits = Self.bits.reduce(attr_t(0)) { look.attributes.contains($1.0) ? $0 | $1.1 : $0 }
    dino_put(Int32(y), Int32(x), cell.glyph.value, bits, pair(look))
  }

  private static let bits: [(Attributes, attr_t)] = [
    (.bold, dino_bold()), (.dim, dino_dim()), (.reverse, dino_reverse()),
    (.underline, dino_underline()),
  ]

  /// ncurses's number for a pair of colours, made where it is new; 0 where there are no more.
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

/// Why there is no terminal to draw on.
package enum TerminalError: Error, CustomStringConvertible {
  case noTerminal
  case unknown(name: String)

  package var description: String {
    switch self {
    case .noTerminal:
      "standard input and output are no terminal; 'dino status' prints a run as plain text"
    case .unknown(let name):
      "the terminal '\(name)' is unknown here; set TERM, for example to xterm-256color"
    }
  }
}
