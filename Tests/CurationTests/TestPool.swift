import Crops
import Foundation
import Images
import KernelsCPU
import Support
import Tensor
import TestSupport

import Curation

/// A folder of pictures and a pool of them.
final class TestPool {
  let folder = TemporaryFolder()
  private let workers = WorkerPool(threads: 2)
  private let textures = EmbeddedSource(seed: 5, size: 96, count: 64)
  let observer = TestObserver()
  var embedding: (any ImageEmbedding)?

  /// A texture, different for each number.
  func picture(_ number: Int) -> RGBImage { textures.image(number) }

  /// Writes a picture as `heap/NAME`.
  @discardableResult
  func add(_ image: RGBImage, _ name: String) throws -> String {
    let path = folder.file("heap/" + name)
    try FileManager.default.createDirectory(
      atPath: FilePath.parent(of: path), withIntermediateDirectories: true)
    try image.writePNG(path: path)
    return path
  }

  /// Reads a plan from a text whose sources are the heap.
  func plan(_ text: String = "") throws -> CurationPlan {
    let whole = "index:\n  sources: [heap]\n" + text
    return try CurationPlan.read(file: folder.write(whole, to: "plan.yaml"))
  }

  var pool: Pool { Pool(name: "plan", parent: folder.file("pools")) }

  func context(
    _ plan: CurationPlan, isChanging: Bool = true, isStopped: @escaping () -> Bool = { false }
  ) throws -> CurationContext {
    try CurationContext(
      plan, pool: pool, isChanging: isChanging, workers: workers, embedding: embedding,
      observer: observer,
      makeKernels: { [workers] in CPUKernels(pool: workers, precision: .fp32) },
      isStopped: isStopped)
  }

  /// Carries a plan out, and returns the catalogue.
  @discardableResult
  func curate(
    _ text: String = "", until last: StageName = .apply, isStopped: @escaping () -> Bool = { false }
  ) throws -> Catalogue {
    observer.reset()
    let context = try context(plan(text), isStopped: isStopped)
    try Curation(context).run(until: last)
    return context.catalogue
  }

  /// The names of the images that are left.
  func kept(_ catalogue: Catalogue, after stage: StageName = .balance) throws -> [String] {
    try catalogue.images(keptAfter: stage).map(\.file).sorted()
  }

  /// The rule by which an image was dropped, and the image because of which it was.
  func verdict(_ catalogue: Catalogue, _ file: String) throws -> (
    rule: String, other: String?, score: Double?
  )? {
    let image = try catalogue.images(endingIn: file, most: 1).first
    guard let image, let verdict = try catalogue.verdict(on: image.id) else { return nil }
    let other = try verdict.other.flatMap { try catalogue.image($0) }
    return ("\(verdict.stage.rawValue).\(verdict.rule)", other?.file, verdict.score)
  }
}

/// Remembers what a curation told.
final class TestObserver: CurationObserver {
  private(set) var began: [(stage: StageName, what: String, total: Int)] = []
  private(set) var ended: [StageName] = []
  private(set) var notices: [String] = []

  /// Called when a stage begins.
  var onBegan: (StageName) -> Void = { _ in }

  func reset() { (began, ended, notices) = ([], [], []) }
  func began(_ stage: StageName, what: String, total: Int) {
    began.append((stage, what, total))
    onBegan(stage)
  }
  func advanced(to done: Int) {}
  func ended(_ stage: StageName, _ line: String) { ended.append(stage) }
  func noticed(_ text: String) { notices.append(text) }
}

/// Features that are easily foretold: the mean of red, green and blue, less a middle grey.
final class ColourEmbedding: ImageEmbedding {
  let fingerprint = "colours"
  let width = 3
  private(set) var computed = 0

  func features(
    of images: any ImageSource, _ body: ([Int], UnsafeBufferPointer<Float>) throws -> Void
  ) throws -> [String] {
    for index in 0..<images.count {
      let image = try images.image(index)
      var sums: [Float] = [0, 0, 0]
      for (at, value) in image.pixels.enumerated() { sums[at % 3] += Float(value) }
      let means = sums.map { $0 / Float(image.width * image.height) - 128 }
      computed += 1
      try means.withUnsafeBufferPointer { try body([index], $0) }
    }
    return []
  }
}

extension RGBImage {
  /// A picture of one colour with a little noise, so that it is not blank.
  static func coloured(_ red: Int, _ green: Int, _ blue: Int, seed: Int, side: Int = 80) -> RGBImage
  {
    var random = CounterRandom(seed: UInt64(seed), use: .test)
    let pixels = (0..<side * side * 3).map { at -> UInt8 in
      let base = [red, green, blue][at % 3]
      return UInt8(min(255, max(0, base + Int(random.next() % 40) - 20)))
    }
    return RGBImage(width: side, height: side, pixels: pixels)
  }

  var mirrored: RGBImage {
    var result = self
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<3 {
          result.pixels[3 * (y * width + x) + channel] =
            pixels[3 * (y * width + width - 1 - x) + channel]
        }
      }
    }
    return result
  }

  /// On a larger canvas of one colour.
  func framed(_ margin: Int, _ value: UInt8) -> RGBImage {
    let (w, h) = (width + 2 * margin, height + 2 * margin)
    var result = RGBImage(
      width: w, height: h, pixels: [UInt8](repeating: value, count: w * h * 3))
    for y in 0..<height {
      let to = 3 * ((y + margin) * w + margin)
      result.pixels.replaceSubrange(
        to..<to + 3 * width, with: pixels[3 * y * width..<3 * (y + 1) * width])
    }
    return result
  }
}
