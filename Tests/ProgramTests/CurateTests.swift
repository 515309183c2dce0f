import Foundation
import Images
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Commands {
  /// A heap of images becomes a data set.
  @Suite final class CurateTests {
    let home = Sandbox()

    /// Writes pictures with random blobs, with copies of some, mirrored and smaller.
    private func makeHeap(_ count: Int) throws -> String {
      let folder = home.path + "/heap"
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      for number in 0..<count {
        var random = SystemRandom(seed: UInt64(number + 1))
        let image = Self.picture(&random)
        try image.writePNG(path: "\(folder)/\(number).png")
        guard number % 3 == 0 else { continue }
        try image.resized(toWidth: 90, toHeight: 90).writePNG(path: "\(folder)/copy\(number).png")
      }
      try home.write("no image", to: "heap/broken.png")
      return try home.write("index:\n  sources: [heap]\n", to: "plan.yaml")
    }

    private struct SystemRandom: RandomNumberGenerator {
      var state: UInt64
      init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }
      mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
      }
    }

    private static func picture(_ random: inout SystemRandom) -> RGBImage {
      let side = 128
      var pixels = [UInt8](
        repeating: UInt8.random(in: 0...255, using: &random), count: side * side * 3)
      for _ in 0..<60 {
        let (left, top) = (
          Int.random(in: 0..<side, using: &random), Int.random(in: 0..<side, using: &random)
        )
        let size = Int.random(in: 4..<40, using: &random)
        let colour = (0..<3).map { _ in UInt8.random(in: 0...255, using: &random) }
        for y in top..<min(side, top + size) {
          for x in left..<min(side, left + size) {
            for channel in 0..<3 { pixels[3 * (y * side + x) + channel] = colour[channel] }
          }
        }
      }
      return RGBImage(width: side, height: side, pixels: pixels)
    }

    private var list: String { home.path + "/state/dino/pools/plan/images.csv" }

    private func kept() throws -> [Substring] {
      try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n")
    }

    @Test("a heap of which nothing is left says which rule of the plan dropped it")
    func nothingLeft() throws {
      let plan = try makeHeap(3)
      let ending = try home.dinod("curate", plan, "--set", "filter.min_side=4000").wait()
      #expect(ending.code == 1, "\(ending)")
      #expect(ending.errors.contains("no image is left: filter.min_side of the plan dropped 4;"))
    }

    @Test("a heap becomes a list that a run trains on; status, why and sheets say what went")
    func whole() throws {
      let plan = try makeHeap(12)
      let ending = try home.dinod("curate", plan).wait()
      #expect(ending.code == 0, "\(ending)")
      #expect(ending.output.contains("duplicates    12 images kept, 4 copies dropped"), "\(ending)")
      #expect(try kept().count == 13)

      let status = try home.dinod("curate", "status", plan, "--json").wait()
      let facts = try #require(
        try JSONSerialization.jsonObject(with: Data(status.output.utf8)) as? [String: Any])
      #expect(facts["images"] as? Int == 17 && facts["damaged"] as? Int == 1)
      // Without copies by parts other images would go: that stage and those after it are stale.
      let other = try home.dinod(
        "curate", "status", plan, "--json", "--set", "duplicates.parts=false"
      ).wait()
      let stages = try #require(
        (try JSONSerialization.jsonObject(with: Data(other.output.utf8)) as? [String: Any])?[
          "stages"] as? [[String: Any]])
      let stale = stages.filter { $0["is_stale"] as? Bool == true }.map { $0["name"] as? String }
      #expect(stale == ["duplicates", "apply"], "\(other)")
      let empty = try home.dinod("curate", "sheet", plan, "retrieve").wait()
      #expect(empty.code != 0 && empty.errors.contains("asks for no retrieve"), "\(empty)")
      let why = try home.dinod("curate", "why", plan, "copy3.png").wait()
      #expect(why.output.contains("dropped by duplicates") && why.output.contains("heap/3.png"))
      let broken = try home.dinod("curate", "why", plan, "broken.png").wait()
      #expect(broken.output.contains("damaged:"))
      let sheet = try home.dinod(
        "curate", "sheet", plan, "duplicates", "--to", home.path + "/sheets"
      ).wait()
      #expect(sheet.code == 0 && sheet.output.contains("components: 4"), "\(sheet)")
      #expect(FileManager.default.fileExists(atPath: home.path + "/sheets/duplicates.html"))

      // The list is a data set.
      let run = try home.train(
        "moths", ["data.path=\(list)", "optim.epochs=1", "probe.every=0"]
      ).wait()
      #expect(run.code == 0 && run.output.contains("12 images"), "\(run)")
    }

    @Test("killed anywhere, a curation goes on, and its list is the same, byte for byte")
    func killed() throws {
      let plan = try makeHeap(60)
      let began = Date()
      try #require(try home.dinod("curate", plan).wait().code == 0)
      let duration = Date().timeIntervalSince(began)
      let whole = try Data(contentsOf: URL(fileURLWithPath: list))
      var kills = 0
      for number in 0..<7 {
        try FileManager.default.removeItem(atPath: home.path + "/state/dino/pools/plan")
        // Twice in one curation, the second time later.
        for part in [1, 2] {
          let program = try home.dinod("curate", plan)
          usleep(UInt32(duration * 1e6 * Double(number * part) / 14))
          if program.isRunning { kills += 1 }
          try program.killAtOnce()
        }
        let last = try home.dinod("curate", plan).wait()
        #expect(last.code == 0, "\(last)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: list)) == whole, "kill \(number)")
      }
      #expect(kills > 3)
    }

    @Test("asked to end, it says how to go on")
    func stopped() throws {
      let plan = try makeHeap(60)
      let program = try home.dinod("curate", plan)
      usleep(150_000)
      program.kill(SIGINT)
      let ending = try program.wait()
      #expect(ending.code == 130 && ending.errors.contains("the same command goes on"), "\(ending)")
      #expect(try home.dinod("curate", plan).wait().code == 0)
    }

    @Test("it is shown, paused and stopped like a run, and goes on from there")
    func steered() throws {
      let plan = try makeHeap(150)
      let program = try home.dinod("curate", plan)
      // The first commands come before there are sockets.
      var paused = try home.dino("pause", "plan")
      while paused.code != 0 && program.isRunning {
        usleep(20_000)
        paused = try home.dino("pause", "plan")
      }
      #expect(paused.output.contains("plan: pause: applied"), "\(paused)")
      func status() throws -> [String: Any] {
        let ending = try home.dino("status", "plan", "--json")
        let all = try JSONSerialization.jsonObject(with: Data(ending.output.utf8))
        return try #require((all as? [String: Any])?["status"] as? [String: Any], "\(ending)")
      }
      let (first, second) = (try status(), try status())
      #expect(first["state"] as? String == "paused" && first["kind"] as? String == "curation")
      #expect(first["step"] as? Int == second["step"] as? Int)
      let refused = try home.dino("set", "plan", "lr", "0.1")
      #expect(refused.code != 0 && refused.errors.contains("pause, resume and stop"), "\(refused)")
      #expect(try home.dino("resume", "plan").code == 0)
      let stopped = try home.dino("stop", "plan")
      #expect(stopped.output.contains("plan: stopped"), "\(stopped)")
      #expect(try program.wait().code == 130)

      #expect(try home.dinod("curate", plan).wait().code == 0)
      let end = try status()
      #expect(end["state"] as? String == "finished" && end["images"] as? Int == 201)
      let log = try home.dino("log", "plan").output
      #expect(log.contains("duplicates") && log.contains("pause") && log.contains("stop"), "\(log)")
      let again = try home.dino("pause", "plan")
      #expect(again.errors.contains("is not running"), "\(again)")
    }

    @Test("mistakes are told in one line")
    func mistakes() throws {
      let plan = try home.write("index:\n  sources: [nowhere]\n", to: "plan.yaml")
      func refusal(_ words: String...) throws -> String {
        let ending = try home.dinod(["curate"] + words).wait()
        #expect(ending.code != 0 && ending.errorLines.count == 1, "\(ending)")
        return ending.errors
      }
      #expect(try refusal(plan).contains("nowhere"))
      #expect(try refusal("missing.yaml").contains("missing.yaml"))
      #expect(try refusal(plan, "--set", "filter.min_side=x").contains("must be a whole number"))
      #expect(try refusal("hashes", plan).contains("did you mean hash"))
      #expect(try refusal("status").contains("needs a plan"))
      #expect(try refusal("why", plan, "x.png").contains("x.png: not in the pool"))
      #expect(try refusal("sheet", plan, "hash").contains("sheet shows filter"))
      let empty = try home.write("index:\n  sources: [void]\n", to: "void.yaml")
      try FileManager.default.createDirectory(
        atPath: home.path + "/void", withIntermediateDirectories: true)
      #expect(try refusal(empty).contains("void"))
      #expect(try refusal("status", empty, "--dir", home.path + "/none").contains("no such pool"))
    }
  }
}
