import Crops
import Engine
import Kernels
import Store
import Support
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

extension ProcessFacts {
  /// What this process says of itself before it has prepared anything.
  init(_ place: ProcessPlace) {
    self.init(
      number: place.number, host: HostName.own, pid: getpid(), version: Version.current,
      program: Self.ownProgram, processor: Self.ownProcessor, precision: "", images: 0)
  }

  /// Adds what is known once a phase is prepared.
  mutating func describe(_ kernels: any Kernels, _ data: TrainingData, fingerprint: String?) {
    precision = kernels.device.activationElement.rawValue
    images = data.source.count
    self.fingerprint = fingerprint
  }

  /// `process 2 (node-b, pid 1234)`.
  var name: String { "process \(number) (\(host), pid \(pid))" }

  /// Why a process cannot train together with process 0; nil if it can.
  ///
  /// - Parameter mixed: whether programs and processors may differ.
  package func obstacle(beside first: ProcessFacts, mixed: Bool) -> String? {
    if version != first.version {
      return "runs dinod \(version), process 0 runs \(first.version); install the same on all hosts"
    }
    if let failure { return failure }
    if images != first.images || fingerprint != first.fingerprint {
      return images == first.images
        ? "has other images: as many, but their paths, sizes or classes differ"
        : "has \(Format.count(images, "image")), process 0 has \(Format.count(first.images, "image")); "
          + "all hosts need the same data.path with the same images"
    }
    if precision != first.precision {
      return
        "computes in \(precision), process 0 in \(first.precision); set train.compute_precision"
    }
    let differs =
      program != first.program
      ? "runs another build of dinod"
      : processor != first.processor
        ? "has another processor, \(processor), than process 0, \(first.processor)" : nil
    guard !mixed, let differs else { return nil }
    return
      "\(differs), so that it may round differently; copy the program, or accept it with --mixed"
  }

  /// XXH3 of the program's file; empty if it cannot be read.
  private static var ownProgram: String {
    (try? WholeFile.read("/proc/self/exe", limit: 1 << 30)).map { bytes in
      bytes.withUnsafeBytes { Checksum.text(of: $0) }
    } ?? ""
  }

  static var ownProcessor: String {
    guard let bytes = try? WholeFile.read("/proc/cpuinfo", limit: 1 << 24) else { return "" }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let line = lines.first { $0.hasPrefix("model name") || $0.hasPrefix("CPU part") }
    return line.map { $0.drop { $0 != ":" }.dropFirst(2).description } ?? ""
  }
}
