import Features
import TestSupport
import Tensor
import Testing

@Suite("Holding images out")
struct HoldOutTests {
  /// A random set of files with the class of each.
  private struct Files {
    var keys: [String] = []
    var labels: [Int] = []
    let classes: Int

    init(_ random: inout CounterRandom, classes: Int, most: Int) {
      self.classes = classes
      for label in 0..<classes {
        for _ in 0..<random.below(most + 1) { add(label, &random) }
      }
    }

    mutating func add(_ label: Int, _ random: inout CounterRandom) {
      keys.append("\(label)/\(random.next32())-\(keys.count).jpg")
      labels.append(label)
    }

    func held(_ purpose: HoldOut.Purpose = .test) -> Set<String> {
      let split = HoldOut.split(keys: keys, labels: labels, classes: classes, for: purpose)
      #expect(Set(split.kept).union(split.held) == Set(keys.indices))
      #expect(split.kept.count + split.held.count == keys.count)
      #expect(split.kept == split.kept.sorted() && split.held == split.held.sorted())
      return Set(split.held.map { keys[$0] })
    }

    func members(_ label: Int) -> Set<String> {
      Set(keys.indices.filter { labels[$0] == label }.map { keys[$0] })
    }
  }

  /// Returns whether the hash alone decides that an image is held out. This restates the rule
  /// independently of the code.
  private func isLow(_ key: String, _ purpose: HoldOut.Purpose = .test) -> Bool {
    Double(HoldOut.hash(key, purpose)) < 0x1p64 / 10
  }

  @Test("hashes are those of the XXH64 specification and of xxhsum")
  func hashes() {
    #expect(HoldOut.hash("", .test) == 0xEF46_DB37_51D8_E999)
    #expect(HoldOut.hash("cat/1.jpg", .test) == 0xBC75_4269_27DE_E41D)
    #expect(HoldOut.hash("cat/1.jpg", .validation) == 0x8D46_CB6C_DABA_4F57)
  }

  @Test("a file that is added moves no other, but for the one that a small class could not spare")
  func adding() {
    var stable = 0
    for trial in 0..<400 {
      var random = CounterRandom(seed: UInt64(trial), use: .test, 1)
      var files = Files(&random, classes: 3, most: trial % 2 == 0 ? 8 : 80)
      for _ in 0..<10 {
        let before = files
        let label = random.below(3)
        files.add(label, &random)
        let moved = before.held().symmetricDifference(
          files.held().intersection(before.keys))
        let members = before.members(label)
        let low = members.count { isLow($0) }
        if low > 0 && low < members.count {
          stable += 1
          #expect(moved.isEmpty, "trial \(trial)")
        } else {
          // The hash alone decides nothing in this class, so at most one image can move.
          #expect(moved.count <= 1 && moved.isSubset(of: members), "trial \(trial)")
        }
      }
    }
    #expect(stable > 2000)
  }

  @Test("every class of two images or more has one on either side, and one image alone is kept")
  func bothSides() {
    for trial in 0..<300 {
      var random = CounterRandom(seed: UInt64(trial), use: .test, 2)
      let files = Files(&random, classes: 4, most: 6)
      for purpose in [HoldOut.Purpose.test, .validation] {
        let held = files.held(purpose)
        for label in 0..<4 {
          let members = files.members(label)
          let count = members.intersection(held).count
          let expected = members.count < 2 ? 0...0 : 1...members.count - 1
          #expect(expected.contains(count))
        }
      }
    }
  }

  @Test("a tenth of a large class is held out, for each purpose another one")
  func share() {
    var random = CounterRandom(seed: 4, use: .test, 3)
    var files = Files(&random, classes: 1, most: 0)
    for _ in 0..<20_000 { files.add(0, &random) }
    let (test, validation) = (files.held(.test), files.held(.validation))
    // Within four standard deviations.
    #expect(abs(test.count - 2000) < 170 && abs(validation.count - 2000) < 170)
    #expect(abs(test.intersection(validation).count - 200) < 60)
    #expect(test == Set(files.keys.filter { isLow($0) }))
  }

  @Test("neither the order of the files nor the files of other classes matter")
  func order() {
    var random = CounterRandom(seed: 5, use: .test, 4)
    let files = Files(&random, classes: 3, most: 40)
    var turned = files
    turned.keys.reverse()
    turned.labels.reverse()
    #expect(turned.held() == files.held() && files.held() == files.held())
    for label in 0..<3 {
      var alone = files
      let members = files.keys.indices.filter { files.labels[$0] == label }
      alone.keys = members.map { files.keys[$0] }
      alone.labels = members.map { files.labels[$0] }
      #expect(alone.held() == files.held().intersection(alone.keys))
    }
  }

  @Test("a sample is as large as it may be, and a new image displaces one other at most")
  func sample() {
    var random = CounterRandom(seed: 6, use: .test, 5)
    var files = Files(&random, classes: 2, most: 50)
    func sample() -> Set<String> { Set(HoldOut.sample(20, of: files.keys).map { files.keys[$0] }) }
    for _ in 0..<200 {
      let (before, all) = (sample(), files.keys)
      #expect(before.count == min(20, all.count))
      files.add(random.below(2), &random)
      let lost = before.subtracting(sample())
      #expect(lost.count <= 1 && sample().subtracting(before).isSubset(of: [files.keys.last!]))
    }
    #expect(HoldOut.sample(500, of: files.keys) == Array(files.keys.indices))
  }

  @Test("a folder of classes and a table of the same labels hold out the same files")
  func folderAndTable() throws {
    let folder = TemporaryFolder()
    var lines: [String] = []
    for number in 0..<40 {
      let file = "\(number % 2 == 0 ? "ants" : "bees")/\(number).png"
      folder.picture(file, [1, 2, 3])
      lines.append("\(file),\(number % 2 == 0 ? "ants" : "bees")")
    }
    let table = try LabelTable(text: lines.reversed().joined(separator: "\n"), path: "t.csv")
    let sets = try [
      LabelledImages(folder: folder.path), LabelledImages(folder: folder.path, table: table),
    ].map { labelled in
      let held = labelled.holdingOut(for: .test).held
      return Set((0..<held.count).map { held.path($0) })
    }
    #expect(sets[0] == sets[1] && sets[0].count > 1)
    #expect(sets[0].allSatisfy { $0.hasPrefix(folder.path + "/") })
  }
}
