/// The version of this build of Dino (semantic versioning).
///
/// Both programs print it, and checkpoints and runs record it.
package enum Version {
  package static let current = "0.1.0"
}
