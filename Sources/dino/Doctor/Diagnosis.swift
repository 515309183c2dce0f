import Support

/// What was found when a part of the machine or of the user's set-up was looked at.
struct Diagnosis: Codable, Equatable {
  /// How much a finding matters.
  enum Level: String, Codable {
    /// As it should be.
    case ok
    /// Training works, but not as well as it could.
    case note
    /// Something does not work.
    case trouble
  }

  let level: Level
  /// What was looked at, such as `memory`.
  let subject: String
  /// What was found.
  let found: String
  /// What helps; `nil` if nothing is amiss.
  let remedy: String?

  static func ok(_ subject: String, _ found: String) -> Diagnosis {
    Diagnosis(level: .ok, subject: subject, found: found, remedy: nil)
  }

  static func note(_ subject: String, _ found: String, remedy: String) -> Diagnosis {
    Diagnosis(level: .note, subject: subject, found: found, remedy: remedy)
  }

  static func trouble(_ subject: String, _ found: String, remedy: String) -> Diagnosis {
    Diagnosis(level: .trouble, subject: subject, found: found, remedy: remedy)
  }
}

/// What is looked at: the folder of runs, and the files of the system.
struct Patient {
  /// The folder that holds the runs.
  let runs: String
  /// The folder in which `proc` and `sys` are; empty for the machine itself.
  var root = ""

  /// Returns the text of a small file of the system; empty if it cannot be read.
  func text(_ path: String) -> String {
    guard let bytes = try? WholeFile.read(root + path, limit: 1 << 24) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// One thing that `dino doctor` looks at. `checks` lists all of them.
struct Check: Sendable {
  let subject: String
  let examine: @Sendable (Patient) throws -> [Diagnosis]

  /// Looks, and reports an error that this meets as trouble.
  func diagnoses(_ patient: Patient) -> [Diagnosis] {
    do {
      return try examine(patient)
    } catch {
      return [.trouble(subject, "\(error)", remedy: "what is said there helps")]
    }
  }

  static let machine = [processor, memory, files, training]
  static let setUp = [runs, disk, sockets, keys, notices, terminal]
}
