import Foundation
import Testing

/// Reads the dynamic section of a program. It belongs to the binutils.
private let reader = "/usr/bin/readelf"

extension Commands {
  /// `dino` is installed on a laptop to watch a remote run, so it must not need the libraries for
  /// computing. The daemon must not need those for a terminal.
  @Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: reader), "\(reader) is needed"))
  final class LinkTests {
    let home = Sandbox()

    @Test("dino needs no library that computes or decodes images")
    func terminalSide() throws {
      let libraries = try libraries(of: "dino")
      #expect(libraries.contains { $0.hasPrefix("libzmq.") })
      for name in ["openblas", "blas", "jpeg", "png", "tiff", "webp", "gif", "libzip"] {
        #expect(!libraries.contains { $0.contains(name) }, "dino needs \(name)")
      }
    }

    @Test("dinod needs no library that draws on a terminal")
    func daemon() throws {
      let libraries = try libraries(of: "dinod")
      #expect(libraries.contains { $0.contains("openblas") })
      for name in ["ncurses", "tinfo"] {
        #expect(!libraries.contains { $0.contains(name) }, "dinod needs \(name)")
      }
    }

    /// Returns the shared libraries that a program's dynamic section names.
    private func libraries(of program: String) throws -> [String] {
      let ending = try home.start([reader, "-d", Sandbox.programs + "/" + program]).wait()
      try #require(ending.code == 0)
      return ending.output.matches(of: /\(NEEDED\).*\[(.*)\]/).map { String($0.1) }
    }
  }
}
