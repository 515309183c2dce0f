import Settings
import TestSupport
import Testing

import Curation

@Suite("Plans of curations")
struct CurationPlanTests {
  private func refusal(_ text: String) -> String {
    let folder = TemporaryFolder()
    do {
      _ = try CurationPlan.read(file: folder.write(text, to: "plan.yaml"))
      return ""
    } catch {
      return "\(error)".replacing(folder.path + "/", with: "")
    }
  }

  @Test("paths are relative to the file, and the pool has its name")
  func paths() throws {
    let folder = TemporaryFolder()
    let file = folder.write(
      "index:\n  sources: [heap, /more]\nretrieve:\n  queries: moths\nembed:\n  weights: run\n",
      to: "my pool.yaml")
    let plan = try CurationPlan.read(
      file: file, overrides: ["duplicates.threshold=0.7", "decontaminate.sets=[test]"])
    #expect(plan.index.sources == [folder.path + "/heap", "/more"])
    #expect(plan.retrieve.queries == [folder.path + "/moths"])
    #expect(plan.embed.weights == "run")
    #expect(plan.duplicates.threshold == 0.7)
    #expect(plan.decontaminate.sets.allSatisfy { $0.hasSuffix("/test") && $0.hasPrefix("/") })
    #expect(plan.pool.name == "my-pool")
  }

  @Test("a key that is wrong is refused with its line, and the nearest key is named")
  func refusals() {
    #expect(
      refusal("index:\n  sources: [a]\nfilter:\n  min_sid: 3\n").contains(
        "plan.yaml:4: filter.min_sid: unknown key; did you mean filter.min_side?"))
    #expect(
      refusal("index:\n  sources: [a]\nduplicates:\n  threshold: 2\n").contains(
        "plan.yaml:4: duplicates.threshold: must be from -1 to 1, not 2"))
    #expect(refusal("filter:\n  min_side: 9\n").contains("no images are given"))
    #expect(
      refusal("index:\n  sources: [a]\nretrieve:\n  queries: [b]\n").contains("set embed.weights"))
    #expect(
      refusal("index:\n  sources: [a]\nembed:\n  weights: w\nbalance:\n  clusters: [10, 10]\n")
        .contains("fewer clusters than the one before"))
    #expect(
      refusal("index:\n  sources: [a]\nduplicates:\n  features: true\n").contains(
        "copies are found by features; set embed.weights"))
    #expect(refusal("- a\n").contains("is not a mapping; a plan is groups of keys"))
    #expect(refusal("index:\n  sources: [{a: b}]\n").contains("must be a list of texts"))
  }

  @Test("every key is read back from what is written of it, and changes its group's text")
  func keys() throws {
    for key in CurationKeys.all {
      let plan = CurationPlan()
      var other = CurationPlan()
      let text = key.text(in: plan)
      let entry = try SettingsFile.Entry(override: "\(key.name)=\(text)", example: "")
      if text != "\"\"" { try key.read(entry.value, &other) }
      #expect(key.text(in: other) == text, "\(key.name)")
      #expect(plan.text(of: key.group).contains(key.name))
    }
    #expect(CurationPlan.help().contains("duplicates.threshold: 0.6"))
  }

  @Test("each group of keys is a stage's, but for the pool's own")
  func groups() {
    let stages = Set(StageName.allCases.map(\.rawValue))
    #expect(CurationKeys.groups.filter { !stages.contains($0) } == ["pool"])
  }
}
