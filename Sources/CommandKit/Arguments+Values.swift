import Support

// Readers of typed option values. Each returns `nil` if the option is not given, and throws an
// error that says what the option takes if the value is invalid.

extension Arguments {
  /// Reads an integer within limits.
  package func integer(
    _ option: String, in limits: ClosedRange<Int>
  ) throws(UsageError) -> Int? {
    guard let text = value(option) else { return nil }
    guard let number = Int(text), limits.contains(number) else {
      throw UsageError(option, takes: "a whole number \(Self.words(limits))", not: text)
    }
    return number
  }

  /// Reads a floating-point number within limits.
  package func number<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ option: String, in limits: ClosedRange<Value>
  ) throws(UsageError) -> Value? {
    guard let text = value(option) else { return nil }
    guard let number = Value(text), limits.contains(number) else {
      let ends = [limits.lowerBound, limits.upperBound].map { Format.plain(Double("\($0)")!) }
      throw UsageError(option, takes: "a number from \(ends[0]) to \(ends[1])", not: text)
    }
    return number
  }

  /// Reads a finite number greater than 0.
  package func positive(_ option: String) throws(UsageError) -> Double? {
    guard let text = value(option) else { return nil }
    guard let number = Double(text), number.isFinite, number > 0 else {
      throw UsageError(option, takes: "a number above 0", not: text)
    }
    return number
  }

  /// Reads a comma-separated list of integers within limits.
  /// Returns each number once, in ascending order.
  package func integers(
    _ option: String, in limits: ClosedRange<Int>
  ) throws(UsageError) -> [Int]? {
    guard let text = value(option) else { return nil }
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.allSatisfy({ $0.map(limits.contains) ?? false }) else {
      throw UsageError(
        option, takes: "whole numbers \(Self.words(limits)) with commas between", not: text)
    }
    return Set(numbers.compactMap(\.self)).sorted()
  }

  /// Reads one of the given words.
  package func word(_ option: String, of words: [String]) throws(UsageError) -> String? {
    guard let text = value(option) else { return nil }
    guard words.contains(text) else {
      throw UsageError(option, takes: words.alternatives, not: text)
    }
    return text
  }

  /// Reads a value of a type by its raw value.
  package func choice<Value: CaseIterable & RawRepresentable<String>>(
    _ option: String, of type: Value.Type = Value.self
  ) throws(UsageError) -> Value? {
    try word(option, of: Value.allCases.map(\.rawValue)).flatMap(Value.init(rawValue:))
  }

  /// Returns limits in words, such as `from 1 to 4096` or `of at least 1`.
  private static func words(_ limits: ClosedRange<Int>) -> String {
    limits.upperBound == .max
      ? "of at least \(limits.lowerBound)" : "from \(limits.lowerBound) to \(limits.upperBound)"
  }
}

extension [String] {
  /// The words as a list of alternatives, such as `cls, patches or both`.
  package var alternatives: String {
    count < 2 ? first ?? "" : dropLast().joined(separator: ", ") + " or " + last!
  }
}
