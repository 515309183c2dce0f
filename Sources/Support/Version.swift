/// The version of this build of Dino, by semantic versioning.
///
/// Both programs print it, and checkpoints and runs name it.
package enum Version {
  package static let current = "0.1.0"
}
