import CommandKit
import Control
import FoundationEssentials
import History
import Screen
import Support
import Wire

extension Subcommand {
  static let doctor = Subcommand(
    name: "doctor", operands: "", count: 0...0,
    summary: "look at this machine and set-up, and say what helps where something is amiss",
    options: [json, directory],
    details: """
      It looks at the processor, memory and limits; at dinod, the folder of runs and its disk, to which
      it writes 64 MB for a moment; at keys, at every machine of dino hosts, and at the terminal. The
      exit code is 1 if something does not work.
      """
  ) { arguments in
    let patient = Patient(
      runs: FilePath.absolute(arguments.value("--dir") ?? RunDirectory.defaultParent))
    var found: [Diagnosis] = []
    for check in Check.machine + Check.setUp {
      let diagnoses = check.diagnoses(patient)
      found += diagnoses
      if !arguments.has("--json") { for diagnosis in diagnoses { print(line(diagnosis)) } }
    }
    let troubles = found.count { $0.level == .trouble }
    if arguments.has("--json") {
      print(try JSONText.pretty(found))
    } else {
      print(
        troubles == 0
          ? "Training works here." : "\(Format.count(troubles, "thing")) must be mended.")
    }
    return troubles == 0 ? 0 : 1
  }

  /// Returns a finding as text: a mark, the subject, what was found, and what helps on a line of its
  /// own.
  private static func line(_ diagnosis: Diagnosis) -> String {
    let marks: [Diagnosis.Level: (fine: String, plain: String)] = [
      .ok: ("✓", "ok  "), .note: ("·", "note"), .trouble: ("✗", "FAIL"),
    ]
    let mark = Terminal.showsUnicode ? marks[diagnosis.level]!.fine : marks[diagnosis.level]!.plain
    let arrow = Terminal.showsUnicode ? "→" : "->"
    let subject =
      diagnosis.subject
      + String(
        repeating: " ", count: max(0, 12 - diagnosis.subject.count))
    let indent = String(repeating: " ", count: mark.count + 1)
    let remedy = diagnosis.remedy.map { "\n\(indent)\(arrow) \($0)" } ?? ""
    return "\(mark) \(subject) \(diagnosis.found)\(remedy)"
  }
}
