import Crops
import Foundation
import Images
import Settings
import Support
import TestSupport
import Testing

import Curation

@Suite("Curations")
struct CurationTests {
  private let test = TestPool()

  /// A heap with something of every kind.
  private func makeHeap() throws {
    for number in 0..<6 { try test.add(test.picture(number), "plain/\(number).png") }
    let first = test.picture(0)
    try test.add(first, "copies/same.png")
    try test.add(test.picture(1).mirrored, "copies/mirrored.png")
    try test.add(test.picture(2).resized(toWidth: 72, toHeight: 72), "copies/small.png")
    try test.add(
      test.picture(3).resizedCrop(
        left: 12, top: 8, width: 80, height: 80, toWidth: 80, toHeight: 80), "copies/crop.png")
    try test.add(first.resized(toWidth: 40, toHeight: 40), "bad/tiny.png")
    try test.add(
      RGBImage(width: 80, height: 80, pixels: [UInt8](repeating: 90, count: 19_200)),
      "bad/blank.png")
    test.folder.write([UInt8](repeating: 7, count: 90), to: "heap/bad/broken.png")
  }

  @Test("copies, broken, tiny and blank pictures go, each with the reason; the rest is a list")
  func whole() throws {
    try makeHeap()
    let catalogue = try test.curate()
    #expect(try test.verdict(catalogue, "bad/tiny.png")?.rule == "filter.min_side")
    #expect(try test.verdict(catalogue, "bad/blank.png")?.rule == "filter.min_entropy")
    #expect(try test.verdict(catalogue, "bad/broken.png")?.rule == "filter.damaged")
    // Of equal size and sharpness, the first by name is kept.
    let same = try test.verdict(catalogue, "plain/0.png")
    #expect(same?.rule == "duplicates.bytes" && same?.other == "copies/same.png")
    let mirrored = try test.verdict(catalogue, "plain/1.png")
    #expect(mirrored?.rule == "duplicates.hash" && mirrored?.other == "copies/mirrored.png")
    #expect(try test.verdict(catalogue, "copies/small.png")?.other == "plain/2.png")
    #expect(try test.verdict(catalogue, "copies/crop.png")?.other == "plain/3.png")
    let left = [
      "copies/mirrored.png", "copies/same.png", "plain/2.png", "plain/3.png", "plain/4.png",
      "plain/5.png",
    ]
    #expect(try test.kept(catalogue) == left)
    let list = try FileSource(path: test.pool.list)
    #expect(list.count == 6 && list.files.allSatisfy { $0.contains("/heap/") })
    #expect(Set(list.classes) == ["copies", "plain"])
    for index in 0..<6 { #expect(try list.image(index).width == 96) }
  }

  @Test("links and copies are folders of the result, of images in archives, too")
  func folders() throws {
    try test.add(test.picture(0), "plain/0.png")
    let archive = test.folder.file("heap/more.tar")
    try test.add(test.picture(1), "in/1.png")
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/bin/tar")
    tar.arguments = ["-C", test.folder.file("heap/in"), "-cf", archive, "1.png"]
    try tar.run()
    tar.waitUntilExit()
    try FileManager.default.removeItem(atPath: test.folder.file("heap/in"))
    for form in ["links", "copies"] {
      try test.curate("apply:\n  form: \(form)\n  to: \(form)\n")
      let list = try FileSource(path: test.folder.file("\(form).csv"))
      #expect(list.files == ["\(form)/1/more.tar/1.png", "\(form)/1/plain/0.png"], "\(list.files)")
      #expect(try list.image(0) == test.picture(1))
      let path = test.folder.file("\(form)/1/plain/0.png")
      let isLink = try FileSystem.status(path, followingLinks: false)?.kind == .link
      #expect(isLink == (form == "links"))
    }
    // A list names images in archives by their place there.
    try test.curate()
    let list = try FileSource(path: test.pool.list)
    #expect(list.files.first?.hasSuffix("/heap/more.tar/1.png") == true)
    #expect(try list.image(0) == test.picture(1))
  }

  @Test("a stage is done again if what it depends on has changed, and only then")
  func stale() throws {
    try makeHeap()
    try test.curate()
    func redone(_ text: String = "", looksAgain: Int = 0) throws -> Set<StageName> {
      try test.curate(text)
      // Those that look at each image by itself always look, and find nothing to do.
      let looked = test.observer.began.filter { [.hash, .keypoints].contains($0.stage) }
      #expect(looked.reduce(0) { $0 + $1.total } == looksAgain, "\(text): \(looked)")
      return Set(test.observer.ended).subtracting([.index, .hash, .keypoints, .apply])
    }
    #expect(try redone() == [])
    #expect(try redone("duplicates:\n  threshold: 0.7\n") == [.duplicates])
    #expect(try redone() == [.duplicates])
    // The same images are left, so what comes after holds.
    #expect(try redone("filter:\n  min_sharpness: 0.001\n") == [.filter])
    #expect(try redone() == [.filter])
    // Other images are left: one is looked at for the first time.
    #expect(try redone("filter:\n  min_side: 20\n", looksAgain: 1) == [.filter, .duplicates])
    #expect(try redone("pool:\n  seed: 3\n") == [.filter, .duplicates])
  }

  @Test("an image that an earlier stage drops now is no longer a later one's")
  func earlier() throws {
    try makeHeap()
    let before = try test.curate()
    #expect(try test.verdict(before, "copies/small.png")?.rule.hasPrefix("duplicates") == true)
    let catalogue = try test.curate("filter:\n  min_side: 75\n")
    #expect(try test.verdict(catalogue, "copies/small.png")?.rule == "filter.min_side")
    #expect(try test.kept(catalogue) == test.kept(before))
    let again = try test.curate()
    #expect(try test.verdict(again, "copies/small.png")?.rule.hasPrefix("duplicates") == true)
  }

  @Test("files that came, went or changed are looked at, and no others")
  func changes() throws {
    for number in 0..<4 { try test.add(test.picture(number), "\(number).png") }
    try test.curate()
    try FileManager.default.removeItem(atPath: test.folder.file("heap/0.png"))
    try test.add(test.picture(9), "1.png")
    try test.add(test.picture(8), "new.png")
    let catalogue = try test.curate()
    #expect(test.observer.began.first { $0.stage == .hash }?.total == 2)
    #expect(try test.kept(catalogue) == ["1.png", "2.png", "3.png", "new.png"])
    // The features of what was in the file before are not taken for those of what is now.
    let image = try #require(try catalogue.images(endingIn: "1.png", most: 1).first)
    let context = try test.context(test.plan(), isChanging: false)
    #expect(try context.thumbnail(of: image.id) == Thumbnail(of: test.picture(9)))
  }

  @Test("images that the system cannot read are left for another time")
  func outage() throws {
    try test.add(test.picture(0), "0.png")
    try test.add(test.picture(1), "1.png")
    let path = test.folder.file("heap/1.png")
    // It goes when it has been listed.
    test.observer.onBegan = { stage in
      if stage == .hash { try? FileManager.default.moveItem(atPath: path, toPath: path + ".away") }
    }
    #expect(throws: CatalogueError.self) { try test.curate() }
    test.observer.onBegan = { _ in }
    let waiting = try test.context(test.plan(), isChanging: false).catalogue.unmeasured()
    #expect(waiting.map(\.file) == ["1.png"])
    try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
    #expect(try test.kept(test.curate()) == ["0.png", "1.png"])
  }

  @Test("a curation that is stopped anywhere goes on, and the result is the same, byte for byte")
  func stopped() throws {
    try makeHeap()
    try test.curate()
    let whole = bytes(of: test.pool.list)
    #expect(!whole.isEmpty)
    var stops = 0
    for limit in stride(from: 1, to: 26, by: 4) {
      try FileManager.default.removeItem(atPath: test.pool.path)
      var calls = 0
      do {
        try test.curate {
          calls += 1
          return calls >= limit
        }
      } catch {
        stops += 1
      }
      try test.curate()
      #expect(bytes(of: test.pool.list) == whole, "stopped at call \(limit)")
    }
    #expect(stops > 3)
  }

  @Test("one program at a time changes a pool; others may look")
  func locked() throws {
    try test.add(test.picture(0), "0.png")
    let context = try test.context(test.plan())
    #expect(throws: CatalogueError.self) { _ = try test.context(test.plan()) }
    _ = try test.context(test.plan(), isChanging: false)
    withExtendedLifetime(context) {}
  }

  @Test("parts of copies are blurred, nothing else of them, and no file of the heap")
  func blur() throws {
    for number in 0..<3 { try test.add(test.picture(number), "\(number).png") }
    test.folder.write(
      "file,left,top,right,bottom\n1.png,10,20,50,60\n1.png,80,80,200,200\nnone.png,0,0,1,1\n",
      to: "boxes.csv")
    let keys = "apply: {form: copies, blur: boxes.csv}\n"
    try test.curate(keys)
    #expect(test.observer.notices.contains { $0.contains("1 of 2 files are not in the result") })
    let copies = test.pool.images + "/1"
    #expect(bytes(of: copies + "/0.png") == bytes(of: test.folder.file("heap/0.png")))
    let (whole, copy) = (test.picture(1), try decode(path: copies + "/1.png.png"))
    func deviation(_ image: RGBImage, _ box: (Int, Int, Int, Int)) -> Double {
      let values = (box.1..<box.3).flatMap { y in
        (box.0..<box.2).map { Double(image.pixels[3 * (y * image.width + $0)]) }
      }
      let steps = zip(values, values.dropFirst()).map { ($0 - $1) * ($0 - $1) }
      return (steps.reduce(0, +) / Double(steps.count)).squareRoot()
    }
    #expect(deviation(copy, (12, 22, 48, 58)) < 0.75 * deviation(whole, (12, 22, 48, 58)))
    for y in 0..<whole.height {
      for x in 0..<whole.width {
        let isInside = (10..<50 ~= x && 20..<60 ~= y) || (x >= 80 && y >= 80)
        let at = 3 * (y * whole.width + x)
        if !isInside { #expect(copy.pixels[at..<at + 3] == whole.pixels[at..<at + 3]) }
      }
    }
    #expect(throws: SettingError.self) { try test.plan("apply: {blur: boxes.csv}\n") }
    for wrong in [
      "1.png,1,2,3", "1.png,5,5,5,9", "1.png,a,b,c,d", "1.png,1,2,3,99999999999999999999",
    ] {
      test.folder.write("\(wrong)\n", to: "boxes.csv")
      let error = #expect(throws: FileError.self) { try test.curate(keys) }
      #expect(error?.file.hasSuffix("boxes.csv:1") == true)
    }
  }

  @Test(
    "a result takes the place of nothing that no curation made",
    arguments: ["list", "links", "copies"])
  func precious(form: String) throws {
    for number in 0..<2 { try test.add(test.picture(number), "in/\(number).png") }
    test.folder.write("x", to: "heap/letter.txt")
    test.folder.write("mine", to: "precious/thesis.txt")
    let all = { () -> [String] in
      let found = FileManager.default.enumerator(atPath: self.test.folder.file(""))
      return (found?.allObjects as? [String] ?? []).filter { !$0.hasPrefix("pools") }.sorted()
    }
    test.folder.write("", to: "plan.yaml")
    let before = all()
    let places =
      form == "list"
      ? ["heap/letter.txt", "heap/in/0.png", "precious/thesis.txt", "plan.yaml", "precious"]
      : ["precious", "heap", "heap/in", "heap/new", ".", "heap/letter.txt"]
    for place in places {
      let error = #expect(throws: FileError.self, "\(place)") {
        try test.curate("apply: {form: \(form), to: \(place)}\n")
      }
      #expect(error?.what.contains("the result cannot go there") == true, "\(place)")
      #expect(all() == before, "\(place)")
    }
    #expect(bytes(of: test.folder.file("precious/thesis.txt")) == Array("mine".utf8))
    // What a curation made is made again, unless somebody changed it.
    let keys = "apply: {form: \(form), to: result}\n"
    try test.curate(keys)
    try test.curate(keys + "filter: {min_side: 80}\n")
    let list = form == "list" ? "result" : "result.csv"
    test.folder.write("mine", to: list)
    #expect(throws: FileError.self) { try test.curate(keys) }
    #expect(bytes(of: test.folder.file(list)) == Array("mine".utf8))
  }

  @Test("two plans do not share a pool, unless one was moved")
  func owner() throws {
    try test.add(test.picture(0), "0.png")
    try test.curate()
    let other = test.folder.write("index:\n  sources: [../heap]\n", to: "other/plan.yaml")
    let plan = try CurationPlan.read(file: other)
    let error = #expect(throws: CatalogueError.self) { _ = try test.context(plan) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("another pool.name"))
    try FileSystem.removeFile(test.folder.file("plan.yaml"))
    _ = try test.context(plan)
  }

  @Test("images of a folder that cannot be listed are not gone")
  func unlistable() throws {
    guard getuid() != 0 else { return }
    for number in 0..<4 { try test.add(test.picture(number), "\(number % 2)/\(number).png") }
    try test.curate()
    chmod(test.folder.file("heap/1"), 0)
    defer { chmod(test.folder.file("heap/1"), 0o700) }
    let error = #expect(throws: CatalogueError.self) { try test.curate() }
    #expect("\(error.map { "\($0)" } ?? "")".contains("2 images may be in it"))
    chmod(test.folder.file("heap/1"), 0o700)
    #expect(try test.curate().count(keptAfter: nil) == 4)
  }
}
