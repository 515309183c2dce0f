import CNCurses

extension Terminal {
  /// An event from the keyboard or the window.
  package enum Input: Equatable, Sendable {
    case key(Key)
    case resized
  }

  /// Returns the next event, or `nil` if there is none. Unknown keys are ignored.
  package func read() -> Input? {
    while true {
      var code: wint_t = 0
      switch get_wch(&code) {
      case ERR: return nil
      case KEY_CODE_YES:
        if Int32(bitPattern: code) == KEY_RESIZE { return .resized }
        if let key = Self.named[Int32(bitPattern: code)] { return .key(key) }
      default:
        if let key = Self.typed(code) { return .key(key) }
      }
    }
  }

  private static func typed(_ code: wint_t) -> Key? {
    switch code {
    case 3: .interrupt
    case 8, 127: .backspace
    case 9: .tab
    case 10, 13: .enter
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
