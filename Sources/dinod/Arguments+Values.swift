import Images

extension Arguments {
  /// A whole number within limits, or what it is where it is not given.
  func integer(_ name: String, in limits: ClosedRange<Int>, default fallback: Int) throws -> Int {
    guard let text = value(name) else { return fallback }
    guard let number = Int(text), limits.contains(number) else {
      throw UsageError(
        description: "--\(name) \(text): expected a whole number from \(limits.lowerBound) to "
          + "\(limits.upperBound)")
    }
    return number
  }

  /// A number within limits, or what it is where it is not given.
  func number(
    _ name: String, in limits: ClosedRange<Float>, default fallback: Float
  ) throws -> Float {
    guard let text = value(name) else { return fallback }
    guard let number = Float(text), limits.contains(number) else {
      throw UsageError(
        description: "--\(name) \(text): expected a number from \(limits.lowerBound) to "
          + "\(limits.upperBound)")
    }
    return number
  }

  /// Whole numbers with commas between, rising and each once.
  func integers(
    _ name: String, in limits: ClosedRange<Int>, default fallback: [Int]
  ) throws -> [Int] {
    guard let text = value(name) else { return fallback }
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.allSatisfy({ $0.map(limits.contains) ?? false }) else {
      throw UsageError(
        description: "--\(name) \(text): expected whole numbers from \(limits.lowerBound) to "
          + "\(limits.upperBound) with commas between")
    }
    return Set(numbers.compactMap(\.self)).sorted()
  }

  /// One of some words.
  func word(_ name: String, of words: [String]) throws -> String {
    guard let text = value(name) else { return words[0] }
    guard words.contains(text) else {
      throw UsageError(
        description: "--\(name) \(text): expected \(words.joined(separator: ", "))")
    }
    return text
  }

  /// `224`, or height and width as `518x392`.
  func imageSize(_ name: String) throws -> ImageSize? {
    guard let text = value(name) else { return nil }
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard (1...2).contains(sides.count), sides.allSatisfy({ $0 > 0 }) else {
      throw UsageError(
        description: "--\(name) \(text): expected a side as 224, or height and width as 518x392")
    }
    return ImageSize(width: sides.last!, height: sides[0])
  }
}
