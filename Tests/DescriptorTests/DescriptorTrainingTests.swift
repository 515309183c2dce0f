import Crops
import Descriptor
import Images
import KernelsCPU
import Synchronization
import Tensor
import TestSupport
import Testing

@Suite struct DescriptorTrainingTests {
  private let folder = TemporaryFolder()

  private var settings: DescriptorSettings {
    var settings = DescriptorSettings(
      mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])
    settings.size = 16
    settings.patch = 4
    settings.embedDim = 32
    settings.depth = 1
    settings.images = 16
    settings.koleoWeight = 0.5
    settings.learningRate = 3e-3
    return settings
  }

  private func training(
    threads: Int, _ source: any ImageSource,
    onProblem: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> DescriptorTraining {
    let workers = WorkerPool(threads: threads)
    return try DescriptorTraining(
      settings, source, kernels: CPUKernels(pool: workers), workers: workers, onProblem: onProblem)
  }

  private var textures: EmbeddedSource { EmbeddedSource(seed: 4, size: 32, count: 100) }

  @Test("copies are found ever better, and the same weights come of any number of threads")
  func learns() throws {
    var weights: [[Float]] = []
    for threads in [1, 3] {
      let training = try training(threads: threads, textures)
      var losses: [Double] = []
      for step in 0..<800 {
        losses.append(try training.makeStep(share: Double(step) / 800).infoNCE)
      }
      #expect(training.step == 800)
      let (first, last) = (losses[..<20].reduce(0, +) / 20, losses[780...].reduce(0, +) / 20)
      #expect(last < 0.85 * first, "\(first) \(last)")
      weights.append(training.weights)
    }
    #expect(weights[0] == weights[1] && weights[0].allSatisfy(\.isFinite))
  }

  @Test("an image that cannot be read is replaced and named once; none at all is an error")
  func unreadable() throws {
    for number in 0..<40 {
      let path = folder.write([], to: "images/\(number).png")
      if number % 2 == 0 { try textures.image(number).writePNG(path: path) }
    }
    let problems = Mutex<[String]>([])
    let source = FileList((0..<40).map { folder.file("images/\($0).png") })
    let training = try training(threads: 2, source) { problem in
      problems.withLock { $0.append(problem) }
    }
    for _ in 0..<5 { _ = try training.makeStep(share: 0.5) }
    let named = problems.withLock(\.self)
    #expect(Set(named).count == named.count && (1...20).contains(named.count))
    let empty = FileList((0..<20).map { folder.file("images/\(2 * $0 + 1).png") })
    let other = try self.training(threads: 2, empty)
    #expect(throws: ImageError.self) { _ = try other.makeStep(share: 0) }
  }
}
