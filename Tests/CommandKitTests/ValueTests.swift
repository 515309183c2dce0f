import CommandKit
import Testing

@Suite("Options read as what they stand for")
struct ValueTests {
  private func given(_ option: String, _ value: String) throws -> Arguments {
    try Program.sample.arguments(["wall", "east", option, value])
  }

  @Test("an option that is not given has no value")
  func absent() throws {
    let arguments = try Program.sample.arguments(["wall", "east"])
    #expect(try arguments.integer("--coats", in: 1...9) == nil)
    #expect(try arguments.number("--share", in: 0.0...1.0) == nil)
    #expect(try arguments.positive("--width") == nil)
    #expect(try arguments.integers("--sides", in: 1...2) == nil)
    #expect(try arguments.choice("--colour", of: Colour.self) == nil)
  }

  @Test("whole numbers are within limits", arguments: [("1", 1), ("9", 9), ("+3", 3)])
  func integers(_ text: String, _ value: Int) throws {
    #expect(try given("--coats", text).integer("--coats", in: 1...9) == value)
  }

  @Test(
    "what is no whole number within limits is refused with them",
    arguments: ["0", "10", "1.5", "x", "", "-1", "99999999999999999999", " 2"])
  func noInteger(_ text: String) throws {
    let arguments = try given("--coats", text)
    let between = #expect(throws: UsageError.self) {
      try arguments.integer("--coats", in: 1...9)
    }
    #expect(
      between?.description == "--coats takes a whole number from 1 to 9, not '\(text)'")
  }

  @Test("a limit that is the largest number is left out")
  func openEnded() throws {
    let arguments = try given("--coats", "0")
    let refused = #expect(throws: UsageError.self) {
      try arguments.integer("--coats", in: 1...Int.max)
    }
    #expect(refused?.description == "--coats takes a whole number of at least 1, not '0'")
    #expect(
      try given("--coats", "9223372036854775807").integer("--coats", in: 1...Int.max) == .max)
  }

  @Test("numbers are within limits, which are told as a person writes them")
  func numbers() throws {
    #expect(try given("--share", "0.25").number("--share", in: 0...Float(1)) == 0.25)
    #expect(try given("--share", "-1e-3").number("--share", in: -1...1.0) == -0.001)
    for wrong in ["nan", "inf", "2", "x", ""] {
      let arguments = try given("--share", wrong)
      let refused = #expect(throws: UsageError.self) {
        try arguments.number("--share", in: Float(0.001)...1)
      }
      #expect(
        refused?.description == "--share takes a number from 0.001 to 1, not '\(wrong)'")
    }
  }

  @Test("a positive number is finite and above 0", arguments: ["0", "-1", "inf", "nan", "x"])
  func positive(_ text: String) throws {
    #expect(try given("--width", "0.1").positive("--width") == 0.1)
    let arguments = try given("--width", text)
    let refused = #expect(throws: UsageError.self) { try arguments.positive("--width") }
    #expect(refused?.description == "--width takes a number above 0, not '\(text)'")
  }

  @Test("a list of whole numbers is sorted, each number once")
  func list() throws {
    #expect(try given("--sides", "2,1,2").integers("--sides", in: 1...4) == [1, 2])
    for wrong in ["", "1,", ",1", "1;2", "5", "1,x"] {
      let arguments = try given("--sides", wrong)
      let refused = #expect(throws: UsageError.self) {
        try arguments.integers("--sides", in: 1...4)
      }
      #expect(
        refused?.description
          == "--sides takes whole numbers from 1 to 4 with commas between, not '\(wrong)'")
    }
  }

  @Test("a choice is one of a type's words")
  func choice() throws {
    #expect(try given("--colour", "green").choice("--colour") == Colour.green)
    #expect(try given("--colour", "red").word("--colour", of: ["red"]) == "red")
    let arguments = try given("--colour", "Green")
    let refused = #expect(throws: UsageError.self) {
      try arguments.choice("--colour", of: Colour.self)
    }
    #expect(refused?.description == "--colour takes red, green or blue, not 'Green'")
  }
}
