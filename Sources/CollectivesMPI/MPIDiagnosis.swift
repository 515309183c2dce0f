/// What `mpirun` and its processes print when one of them is lost, as one sentence.
package struct MPIDiagnosis {
  /// Why the processes ended; nil if nothing that was printed says so.
  package private(set) var reason: String?
  private var isHostLost = false

  package init() {}

  /// Takes in a line. What a process says of another one counts more than what `mpirun` says: it names the
  /// one that was first.
  package mutating func read(_ line: String) {
    if line.contains(Self.silence) {
      reason = line.split(separator: ";").first.map(String.init)
    } else if reason != nil {
      return
    } else if let process = Self.ended(line) {
      reason = process
    } else if line.contains("lost communication with a remote daemon") {
      isHostLost = true
    } else if isHostLost, let host = Self.word(after: "Remote daemon:", " on node ", line) {
      reason = "host \(host) does not answer any more"
    }
  }

  /// What `SignsOfLife` says of a process that hangs.
  static let silence = "has given no sign for"

  /// Reads `… process rank 1 with PID 5 on node b exited on signal 9 (Killed).`
  private static func ended(_ line: String) -> String? {
    guard let rank = word(after: "process rank ", "", line),
      let host = word(after: "process rank ", " on node ", line)
    else { return nil }
    // It is 0 if `mpirun` does not know it any more.
    let known = word(after: "process rank ", " with PID ", line).flatMap { $0 == "0" ? nil : $0 }
    let pid = known.map { ", pid \($0)" } ?? ""
    guard let signal = word(after: "process rank ", " exited on signal ", line) else { return nil }
    return "process \(rank) (\(host)\(pid)) was ended by signal \(signal)"
  }

  /// The word that follows a text, which comes after another one.
  private static func word(after first: String, _ second: String, _ line: String) -> String? {
    guard let start = line.firstRange(of: first)?.upperBound else { return nil }
    guard !second.isEmpty else { return word(line[start...]) }
    return line[start...].firstRange(of: second).flatMap { word(line[$0.upperBound...]) }
  }

  private static func word(_ text: Substring) -> String? {
    var found = text.drop { $0 == " " }.prefix { $0 != " " }
    while found.last == "." { found.removeLast() }
    return found.isEmpty ? nil : String(found)
  }
}
