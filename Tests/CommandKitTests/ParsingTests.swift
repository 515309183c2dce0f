import CommandKit
import Testing

@Suite("Command lines")
struct ParsingTests {
  struct Line: CustomTestStringConvertible, Sendable {
    let words: [String]
    let operands: [String]
    let options: [String: [String]]

    init(_ words: String, _ operands: [String], _ options: [String: [String]] = [:]) {
      self.words = words.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      (self.operands, self.options) = (operands, options)
    }

    var testDescription: String { words.joined(separator: " ") }
  }

  @Test(
    "operands and options are told apart wherever they stand",
    arguments: [
      Line("wall east", ["east"]),
      Line("wall east --coats 2 red", ["east", "red"], ["--coats": ["2"]]),
      Line("wall --coats=2 east", ["east"], ["--coats": ["2"]]),
      Line("wall --dry east", ["east"], ["--dry": [""]]),
      Line("wall east --mix a=b --mix=c=d", ["east"], ["--mix": ["a=b", "c=d"]]),
      Line("wall east --coats=", ["east"], ["--coats": [""]]),
      Line("wall east --coats ", ["east"], ["--coats": [""]]),
      Line("wall -- --coats -x", ["--coats", "-x"]),
      Line("wall --dry -- --help", ["--help"], ["--dry": [""]]),
      Line("wall east -1e-4", ["east", "-1e-4"]), Line("wall -2", ["-2"]),
      Line("wall -", ["-"]), Line("wall east --width -0.5", ["east"], ["--width": ["-0.5"]]),
      Line("wall east --coats --dry", ["east"], ["--coats": ["--dry"]]),
      Line("wash --with soap", [], ["--with": ["soap"]]),
    ])
  func understood(_ line: Line) throws {
    let arguments = try Program.sample.arguments(line.words)
    #expect(arguments.operands == line.operands)
    let names =
      line.words[0] == "wall"
      ? ["--coats", "--width", "--share", "--sides", "--colour", "--dry", "--mix"] : ["--with"]
    for name in names {
      #expect(arguments.values(name) == line.options[name] ?? [], "\(name)")
      #expect(arguments.has(name) == (line.options[name] != nil), "\(name)")
      #expect(arguments.value(name) == line.options[name]?.last, "\(name)")
    }
  }

  @Test(
    "what cannot be understood is refused with a hint",
    arguments: [
      ("wal x", "there is no command 'wal'; did you mean 'wall'?"),
      ("wsah", "there is no command 'wsah'; did you mean 'wash'?"),
      ("frobnicate", "there is no command 'frobnicate'; see paint --help"),
      ("--dry", "there is no command '--dry'; see paint --help"),
      ("-- wall", "there is no command '--'; see paint --help"),
      ("wall", "usage: paint wall WALL [COLOUR] [options]"),
      ("wall a b c", "usage: paint wall WALL [COLOUR] [options]"),
      ("wall -- a b --dry", "usage: paint wall WALL [COLOUR] [options]"),
      ("wall a --coast 2", "wall has no option --coast; did you mean --coats?"),
      ("wall a --DRY", "wall has no option --DRY; did you mean --dry?"),
      ("wall a -dry", "wall has no option -dry; did you mean --dry?"),
      ("wall a -x", "wall has no option -x; see paint wall --help"),
      ("wall a --zebra=2", "wall has no option --zebra; see paint wall --help"),
      ("wall a --with x", "wall has no option --with; did you mean --width?"),
      ("wall a --coats", "--coats needs a value: --coats N"),
      ("wall a --mix", "--mix needs a value: --mix A=B …"),
      ("wall a --dry=1", "--dry takes no value"), ("wall a --dry=", "--dry takes no value"),
      ("wall a --coats 1 --coats 1", "--coats is given twice"),
      ("wall a --dry --dry", "--dry is given twice"),
      ("wash", "wash needs --with SOAP: the soap to use"),
      ("wash --with=", "wash needs --with SOAP: the soap to use"),
      ("help wal", "there is no command 'wal'; did you mean 'wall'?"),
    ])
  func refused(_ line: String, _ message: String) {
    #expect(Program.sample.refusal(line.split(separator: " ").map(String.init)) == message)
  }

  @Test("no word at all asks for nothing")
  func nothing() throws {
    guard case .nothing = try Program.sample.request([]) else {
      Issue.record("something was understood")
      return
    }
  }
}
