import CommandKit

enum Colour: String, CaseIterable { case red, green, blue }

extension Program {
  /// A program with one command of each kind.
  static let sample = Program(
    name: "paint", summary: "Paints walls.", versionNote: "(for tests)",
    commands: [
      Subcommand(
        name: "wall", operands: "WALL [COLOUR]", count: 1...2, summary: "paint a wall",
        options: [
          .init("--coats", "N", "how often"), .init("--width", "X", "of the brush, metres"),
          .init("--share", "X", "of the wall"), .init("--sides", "N,…", "which sides"),
          .init("--colour", "C", "of the paint"), .init("--dry", nil, "wait until it is dry"),
          .init("--mix", "A=B", "what to mix in", repeats: true),
        ], details: "A wall has two sides."
      ) { _ in 0 },
      Subcommand(
        name: "wash", operands: "", count: 0...0, summary: "wash the brushes",
        options: [.init("--with", "SOAP", "the soap to use", isNeeded: true)]
      ) { _ in 0 },
      Subcommand(
        name: "rest", operands: "", count: 0...0, summary: "do nothing", options: []
      ) { _ in 0 },
    ])

  /// Returns the arguments that the command would receive. Throws if no command would run.
  func arguments(_ words: [String]) throws -> Arguments {
    guard case .run(_, let arguments) = try request(words) else {
      throw Failure("\(words) runs nothing")
    }
    return arguments
  }

  /// Returns the error message for a command line, or `nil` if it is valid.
  func refusal(_ words: [String]) -> String? {
    do {
      _ = try request(words)
      return nil
    } catch { return "\(error)" }
  }

  /// Returns the text that a command line prints, or `nil` if it requests something else.
  func text(_ words: [String]) throws -> String? {
    guard case .tell(let text) = try request(words) else { return nil }
    return text
  }
}
