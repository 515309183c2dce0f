import Settings
import Glibc
import Support

extension Recipe {
  /// The size limit of a recipe file, in bytes. It is about a hundred times the longest recipe.
  static let maximalFileSize = 1 << 20

  /// Reads a recipe from a file and applies `key=value` overrides in order.
  ///
  /// Keys that are not given keep the official defaults. Paths in the file are relative to its
  /// folder and paths in overrides to the current folder; the recipe holds absolute paths. A run
  /// without a name gets the name of the file. Whether image folders exist is not checked here but
  /// in `checkPaths()`.
  package static func read(
    file: String, overrides: [String] = []
  ) throws(SettingError) -> Recipe {
    var recipe = try parse(yaml: bytes(of: file), name: file, overrides: overrides)
    recipe.makePathsAbsolute(file: file)
    if recipe.session.name.isEmpty { recipe.session.name = runName(file: file) }
    return recipe
  }

  /// Reads a recipe from text. `name` is the file name in messages. Does not access the file
  /// system.
  package static func parse(
    yaml: String, name: String, overrides: [String] = []
  ) throws(SettingError) -> Recipe {
    try parse(yaml: Array(yaml.utf8), name: name, overrides: overrides)
  }

  /// Returns this recipe with `key=value` overrides, checked by the same rules. Its notices are
  /// those of the overrides. Relative paths are relative to the current folder.
  package func applying(_ overrides: [String]) throws(SettingError) -> Recipe {
    var reader = RecipeReader(self)
    for override in overrides { try reader.read(override: override) }
    var recipe = try reader.finish()
    recipe.makePathsAbsolute(file: nil)
    return recipe
  }

  private static func parse(
    yaml: [UInt8], name: String, overrides: [String]
  ) throws(SettingError) -> Recipe {
    var reader = RecipeReader()
    try reader.read(yaml, name: name)
    for override in overrides { try reader.read(override: override) }
    return try reader.finish()
  }

  /// Returns the file's name without its extension, with `-` for characters that a run's name
  /// cannot have.
  package static func runName(file: String) -> String {
    let last = file.split(separator: "/").last ?? "run"
    let stem = last.lastIndex(of: ".").map { last[..<$0] } ?? last
    let name = stem.unicodeScalars.map { isNameScalar($0) ? String($0) : "-" }.joined()
    let trimmed = name.drop { $0 == "-" || $0 == "." }.prefix(64)
    return trimmed.isEmpty ? "run" : String(trimmed)
  }

  /// Returns whether a run's name may have this character.
  package static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": true
    default: false
    }
  }

  /// Reads a whole file. Throws if it is larger than `maximalFileSize`.
  private static func bytes(of file: String) throws(SettingError) -> [UInt8] {
    do throws(FileError) {
      return try WholeFile.read(file, limit: maximalFileSize)
    } catch {
      throw SettingError(
        place: .file(file, line: nil), key: nil,
        message: error.what)
    }
  }
}
