import FoundationEssentials
import Support

/// The available themes and their files.
///
/// If several folders have a theme of the same name, the first one is used: `$DINO_THEMES`,
/// `$XDG_CONFIG_HOME/dino/themes`, `share/dino/themes` next to the program's `bin`, and `themes` of
/// the checkout that the program was built in.
package struct ThemeLibrary: Sendable {
  /// The folders that are searched, in this order.
  package let folders: [String]

  /// Creates a library of the themes in the given folders.
  package init(folders: [String]) { self.folders = folders }

  /// Returns the library of the current user and program.
  package static func standard(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    program: String = executablePath
  ) -> ThemeLibrary {
    var folders: [String] = []
    if let own = environment["DINO_THEMES"], !own.isEmpty { folders.append(own) }
    let config =
      environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map { $0 + "/.config" } ?? ""
    if !config.isEmpty { folders.append(config + "/dino/themes") }
    var folder = URL(fileURLWithPath: program).resolvingSymlinksInPath().deletingLastPathComponent()
    folders.append(folder.deletingLastPathComponent().path + "/share/dino/themes")
    // `.build/TRIPLE/release/dino` is four folders deep in a checkout.
    for _ in 0..<4 where folder.path != "/" {
      folder.deleteLastPathComponent()
      if FileSystem.exists(folder.path + "/themes/dino.theme") {
        folders.append(folder.path + "/themes")
      }
    }
    return ThemeLibrary(folders: folders)
  }

  /// The names of all themes: the default first, the others sorted.
  package var names: [String] {
    let found = folders.flatMap { folder in
      ((try? FileSystem.names(in: folder)) ?? [])
        .filter { $0.hasSuffix(".theme") }.map { String($0.dropLast(6)) }
    }
    return ["dino"] + Set(found).subtracting(["dino"]).sorted()
  }

  /// Returns the file of a theme, or `nil` if it is built in or does not exist.
  package func file(of name: String) -> String? {
    guard !name.contains("/") else { return nil }
    return folders.lazy.map { "\($0)/\(name).theme" }
      .first { FileSystem.exists($0) }
  }

  /// Loads a theme by its name.
  package func load(_ name: String) throws(ThemeError) -> Theme {
    guard let file = file(of: name) else {
      if name == "dino" { return .builtIn }
      let nearest = nearestName(to: name, among: names).map { "did you mean '\($0)'? " } ?? ""
      throw ThemeError(
        "there is no theme '\(name)'; \(nearest)themes: \(names.joined(separator: ", "))")
    }
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try WholeFile.read(file, limit: 1 << 20)
    } catch {
      throw ThemeError("\(error)")
    }
    return try Theme(name: name, text: String(decoding: bytes, as: UTF8.self), file: file)
  }
}
