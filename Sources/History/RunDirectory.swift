import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The paths of a run's files and sockets.
///
/// The run's directory has `recipe.yaml` (as resolved), `images.csv` (which images they are),
/// `history.sqlite`, `checkpoints/`, `log`, `lock`, for a branch or a distillation `origin.json`, and for one that began with
/// weights `weights.json`. The sockets are in another folder,
/// because the length of a socket's path is limited.
package struct RunDirectory: Sendable, Equatable {
  /// The run's name.
  package let name: String
  /// The run's folder.
  package let path: String

  /// Creates the paths of the run called `name` in `parent`, or in `$XDG_STATE_HOME/dino/runs`.
  package init(name: String, parent: String? = nil) {
    self.name = name
    path = (parent.map(FilePath.canonical) ?? Self.defaultParent) + "/" + name
  }

  /// The default folder of runs: `$XDG_STATE_HOME/dino/runs`, or `~/.local/state/dino/runs` if the
  /// variable is not set.
  package static var defaultParent: String { StateFolder.path("runs") }

  /// The paths of the run's files.
  package var recipe: String { path + "/recipe.yaml" }
  package var database: String { path + "/history.sqlite" }
  package var checkpoints: String { path + "/checkpoints" }
  package var originFile: String { path + "/origin.json" }
  package var images: String { path + "/images.csv" }
  package var log: String { path + "/log" }
  package var lock: String { path + "/lock" }
  /// The notices that are still to be delivered.
  package var notices: String { path + "/notices" }
  package var tensorboard: String { path + "/tensorboard" }

  /// Returns the path of the index of the images with which the run was trained up to a step, if it
  /// had others later.
  package func images(until step: Int) -> String { path + "/images-until-\(step).csv" }

  /// The folder of the sockets: `$XDG_RUNTIME_DIR/dino/NAME`, or `/tmp/dino-UID/NAME` if the
  /// variable is not set. For runs outside the default folder, a hash of the path is added to the
  /// name.
  package var sockets: String {
    let base = Environment.value("XDG_RUNTIME_DIR").map { $0 + "/dino" } ?? "/tmp/dino-\(getuid())"
    guard path != Self.defaultParent + "/" + name else { return base + "/" + name }
    // FNV-1a of the whole path, since two folders may hold runs of the same name.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return base + "/" + name + "-" + String(hash, radix: 36)
  }

  /// The paths of the sockets, and their ZeroMQ endpoints.
  package var feedSocket: String { sockets + "/feed" }
  package var controlSocket: String { sockets + "/control" }
  package var feedEndpoint: String { "ipc://" + feedSocket }
  package var controlEndpoint: String { "ipc://" + controlSocket }

  /// Whether a run was ever begun here. A run that has lost its database can still be resumed.
  package var exists: Bool { hasDatabase || FileSystem.exists(checkpoints) }

  var hasDatabase: Bool { FileSystem.exists(database) }
}
