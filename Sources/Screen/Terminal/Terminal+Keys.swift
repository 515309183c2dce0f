import CNCurses

extension Terminal {
  /// An event from the keyboard or the window.
  package enum Input: Equatable, Sendable {
    case key(Key)
    case resized
    /// A button of the mouse was pressed on a cell.
    case click(x: Int, y: Int)
    /// The wheel was turned over a cell, away from the person or towards them.
    case wheel(x: Int, y: Int, isUp: Bool)
  }

  /// Returns the next event, or `nil` if there is none. Unknown keys are ignored.
  package func read() -> Input? {
    while true {
      var code: wint_t = 0
      switch get_wch(&code) {
      case ERR: return nil
      case KEY_CODE_YES:
        if Int32(bitPattern: code) == KEY_RESIZE { return .resized }
        if Int32(bitPattern: code) == KEY_MOUSE {
          if let input = mouse() { return input }
          continue
        }
        if let key = Self.named[Int32(bitPattern: code)] { return .key(key) }
      default:
        if let key = Self.typed(code) { return .key(key) }
      }
    }
  }

  private func mouse() -> Input? {
    var (x, y) = (Int32(0), Int32(0))
    return switch dino_mouse(&x, &y) {
    case 1: .click(x: Int(x), y: Int(y))
    case 4: .wheel(x: Int(x), y: Int(y), isUp: true)
    case 5: .wheel(x: Int(x), y: Int(y), isUp: false)
    default: nil
    }
  }

  private static func typed(_ code: wint_t) -> Key? {
    switch code {
    case 3: .interrupt
    case 8, 127: .backspace
    case 9: .tab
    case 10, 13: .enter
    case 26: .suspend
    case 27: .escape
    case ..<32: nil
    default: Unicode.Scalar(code).map { .character(Character($0)) }
    }
  }

  private static let named: [Int32: Key] = [
    KEY_UP: .up, KEY_DOWN: .down, KEY_LEFT: .left, KEY_RIGHT: .right, KEY_PPAGE: .pageUp,
    KEY_NPAGE: .pageDown, KEY_HOME: .home, KEY_END: .end, KEY_BTAB: .backTab,
    KEY_BACKSPACE: .backspace, KEY_ENTER: .enter,
  ]
}
