/// The folder in which a user's programs keep what they have to remember.
package enum StateFolder {
  /// Returns Dino's folder for one kind of things, such as `runs`: `$XDG_STATE_HOME/dino/KIND`, or
  /// `~/.local/state/dino/KIND` if the variable is not set.
  package static func path(_ kind: String) -> String {
    let state =
      Environment.value("XDG_STATE_HOME") ?? (Environment.value("HOME") ?? "/tmp") + "/.local/state"
    return FilePath.canonical(state + "/dino/" + kind)
  }
}
