import Glibc
import Support

extension Recipe {
  /// Files above this are refused: the longest recipe is a hundredth of it.
  static let maximalFileSize = 1 << 20

  /// Reads a recipe from a file, then applies `key=value` overrides in their order.
  ///
  /// Keys that are not given keep the official defaults. Paths in the file are relative to its
  /// folder, paths in overrides to the current one; the recipe holds them absolute. A run without
  /// a name gets the file's. Folders of images are not looked at: `checkPaths()` does that.
  package static func read(
    file: String, overrides: [String] = []
  ) throws(RecipeError) -> Recipe {
    var recipe = try parse(yaml: bytes(of: file), name: file, overrides: overrides)
    recipe.makePathsAbsolute(file: file)
    if recipe.session.name.isEmpty { recipe.session.name = runName(file: file) }
    return recipe
  }

  /// Reads a recipe from text; `name` stands for the file in messages. Touches nothing outside.
  package static func parse(
    yaml: String, name: String, overrides: [String] = []
  ) throws(RecipeError) -> Recipe {
    try parse(yaml: Array(yaml.utf8), name: name, overrides: overrides)
  }

  /// This recipe with `key=value` overrides, under the same rules; the notices are those of the
  /// overrides. Relative paths are taken from the current folder.
  package func applying(_ overrides: [String]) throws(RecipeError) -> Recipe {
    var reader = RecipeReader(self)
    for override in overrides { try reader.read(override: override) }
    var recipe = try reader.finish()
    recipe.makePathsAbsolute(file: nil)
    return recipe
  }

  private static func parse(
    yaml: [UInt8], name: String, overrides: [String]
  ) throws(RecipeError) -> Recipe {
    var reader = RecipeReader()
    try reader.read(yaml, name: name)
    for override in overrides { try reader.read(override: override) }
    return try reader.finish()
  }

  /// The file's name without its ending, with `-` for what a run's name cannot hold.
  private static func runName(file: String) -> String {
    let last = file.split(separator: "/").last ?? "run"
    let stem = last.lastIndex(of: ".").map { last[..<$0] } ?? last
    let name = stem.unicodeScalars.map { isNameScalar($0) ? String($0) : "-" }.joined()
    let trimmed = name.drop { $0 == "-" || $0 == "." }.prefix(64)
    return trimmed.isEmpty ? "run" : String(trimmed)
  }

  /// Whether a run's name may hold a character.
  static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": true
    default: false
    }
  }

  /// The whole of a file, if it is not too large.
  private static func bytes(of file: String) throws(RecipeError) -> [UInt8] {
    do throws(FileError) {
      return try WholeFile.read(file, limit: maximalFileSize)
    } catch {
      throw RecipeError(
        place: .file(file, line: nil), key: nil,
        message: "\(error.what); a recipe is a page of text")
    }
  }
}
