import Foundation
import Testing

/// The Python environment that `scripts/test-python` makes, as `make test` has it do.
enum Python {
  /// The folder of the repository.
  static let checkout: URL = {
    var folder = URL(filePath: #filePath)
    for _ in 0..<4 { folder.deleteLastPathComponent() }
    return folder
  }()

  private static let path = checkout.path + "/.build/python/bin/python"

  /// Whether the environment was made.
  static let isThere = FileManager.default.fileExists(
    atPath: checkout.path + "/.build/python/packages")

  /// The words that start a script of the tests' fixtures, or the client if it has no other name.
  static func words(_ script: String, _ arguments: String...) -> [String] {
    let file =
      script == "dino.py"
      ? checkout.path + "/clients/python/dino.py"
      : checkout.path + "/Tests/ProgramTests/Fixtures/" + script
    return [path, "-B", file] + arguments
  }
}

extension Sandbox {
  /// Runs a script with the client for Python in its reach, and decodes the JSON that it prints.
  func python<Value: Decodable>(
    _ words: [String], as type: Value.Type = Value.self
  ) throws -> Value {
    environment["PYTHONPATH"] = Python.checkout.path + "/clients/python"
    let ending = try start(words).wait()
    try #require(ending.code == 0, "\(ending)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(ending.output.utf8))
  }
}
