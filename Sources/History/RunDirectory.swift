import Support

#if canImport(Glibc)
  import Glibc
#endif

/// Where a run keeps its files and its sockets.
///
/// `recipe.yaml` (as resolved), `history.sqlite`, `checkpoints/`, `log`, `lock` and, where it came
/// from another run, `origin.json` lie in the run's directory; the sockets in a folder of their own,
/// since a socket's path is short by law.
package struct RunDirectory: Sendable, Equatable {
  package let name: String
  /// The folder that holds this run.
  package let path: String

  /// A run of the given name under `parent`, or under `$XDG_STATE_HOME/dino/runs`.
  package init(name: String, parent: String? = nil) {
    self.name = name
    path = (parent.map(FilePath.canonical) ?? Self.defaultParent) + "/" + name
  }

  /// `$XDG_STATE_HOME/dino/runs`, by default `~/.local/state/dino/runs`.
  package static var defaultParent: String {
    let state =
      Environment.value("XDG_STATE_HOME") ?? (Environment.value("HOME") ?? "/tmp") + "/.local/state"
    return FilePath.canonical(state + "/dino/runs")
  }

  package var recipe: String { path + "/recipe.yaml" }
  package var database: String { path + "/history.sqlite" }
  package var checkpoints: String { path + "/checkpoints" }
  package var originFile: String { path + "/origin.json" }
  package var log: String { path + "/log" }
  package var lock: String { path + "/lock" }

  /// The folder of the sockets: `$XDG_RUNTIME_DIR/dino/NAME`, or `/tmp/dino-UID/NAME`; runs kept
  /// elsewhere than in the default place get a name that their path decides.
  package var sockets: String {
    let base = Environment.value("XDG_RUNTIME_DIR").map { $0 + "/dino" } ?? "/tmp/dino-\(getuid())"
    guard path != Self.defaultParent + "/" + name else { return base + "/" + name }
    // FNV-1a of the whole path: two folders may hold runs of one name.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return base + "/" + name + "-" + String(hash, radix: 36)
  }

  package var feedSocket: String { sockets + "/feed" }
  package var controlSocket: String { sockets + "/control" }
  package var feedEndpoint: String { "ipc://" + feedSocket }
  package var controlEndpoint: String { "ipc://" + controlSocket }

  /// Whether a run was ever begun here. One that has lost its database can still be taken up.
  package var exists: Bool { hasDatabase || access(checkpoints, F_OK) == 0 }

  var hasDatabase: Bool { access(database, F_OK) == 0 }
}
