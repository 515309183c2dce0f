import CommandKit
import Support
import Testing

@Suite("Help, version and exit codes")
struct HelpTests {
  @Test("the overview names every command", arguments: [["--help"], ["-h"], ["help"]])
  func overview(_ words: [String]) throws {
    #expect(
      try Program.sample.text(words) == """
        usage: paint COMMAND [operands] [options]

        Paints walls.

          wall   paint a wall
          wash   wash the brushes
          rest   do nothing

          --help      print this help, or with a command its help
          --version   print the version
        """)
  }

  @Test(
    "a command's help tells its operands and options, whatever else is given",
    arguments: [
      "wall --help", "wall -h", "wall a b c --help", "wall --nonsense --help", "help wall",
      "--help wall",
    ])
  func command(_ line: String) throws {
    #expect(
      try Program.sample.text(line.split(separator: " ").map(String.init)) == """
        usage: paint wall WALL [COLOUR] [options]

        paint a wall

        A wall has two sides.

          --coats N     how often
          --width X     of the brush, metres
          --share X     of the wall
          --sides N,…   which sides
          --colour C    of the paint
          --dry         wait until it is dry
          --mix A=B …   what to mix in
          --help        print this help
        """)
  }

  @Test("a usage line has the options that are needed, and no empty parts")
  func usage() throws {
    let wash = try #require(try Program.sample.text(["wash", "--help"]))
    #expect(wash.hasPrefix("usage: paint wash --with SOAP\n"))
    let rest = try #require(try Program.sample.text(["rest", "--help"]))
    #expect(rest.hasPrefix("usage: paint rest\n\ndo nothing\n\n  --help   "))
  }

  @Test("the version is the product's, with the program's note")
  func version() throws {
    #expect(try Program.sample.text(["--version"]) == "paint \(Version.current) (for tests)")
  }

  @Test("an error is one line after the program's name, and says the exit code")
  func errors() {
    struct Other: Error, CustomStringConvertible { let description = "the paint is out" }
    #expect(Program.sample.line(of: Other()) == "paint: the paint is out")
    #expect(Program.sample.line(of: Failure("no\n\u{1B}[2Jone")) == "paint: no\\n\\x1b[2Jone")
    #expect(Program.exitCode(of: Other()) == 1)
    #expect(Program.exitCode(of: UsageError("x")) == 2)
    #expect(Program.exitCode(of: Failure("x")) == 1)
    #expect(Program.exitCode(of: Failure("x", code: 137)) == 137)
  }

  @Test("a run returns what the command returns, or the code of its error")
  func run() {
    let program = Program(
      name: "paint", summary: "",
      commands: [
        Subcommand(name: "seven", operands: "", count: 0...0, summary: "", options: []) { _ in 7 },
        Subcommand(name: "fail", operands: "", count: 0...0, summary: "", options: []) { _ in
          throw Failure("it fails, as it should", code: 9)
        },
      ])
    #expect(program.run(["seven"]) == 7)
    #expect(program.run(["fail"]) == 9)
    #expect(program.run(["sevn"]) == 2)
    #expect(program.run([]) == 2)
  }

  @Test("a table's columns are as wide as their widest cell, in columns of a terminal")
  func table() {
    let table = TextTable([("NAME", .left), ("STEP", .right)], [["絵", "7"], ["moths", ""]])
    #expect(table.text == "NAME   STEP\n絵        7\nmoths")
    #expect(TextTable(pairs: [("a", "x"), ("long", "y")]).text == "  a      x\n  long   y")
    #expect(TextTable([("A", .right)], []).text == "A")
  }
}
