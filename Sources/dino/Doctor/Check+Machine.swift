import FoundationEssentials
import Support

#if canImport(Glibc)
  import Glibc
#endif

// MARK: The machine

extension Check {
  /// The instructions that the kernels use, and the cores that this process may use.
  static let processor = Check(subject: "processor") { patient in
    let info = patient.text("/proc/cpuinfo")
    func field(_ name: String) -> String? {
      info.split(separator: "\n").first { $0.hasPrefix(name) }?
        .split(separator: ":", maxSplits: 1).last.map { String($0.drop(while: \.isWhitespace)) }
    }
    let flags = Set((field("flags") ?? "").split(separator: " ").map(String.init))
    let model = field("model name") ?? "unknown"
    let best = [
      ("AMX (bf16)", ["amx_tile", "amx_bf16"]), ("AVX-512", ["avx512f", "avx512bw", "avx512vl"]),
      ("AVX2", ["avx2", "fma"]),
    ].first { $0.1.allSatisfy(flags.contains) }
    var found: [Diagnosis] = []
    if let best {
      found.append(.ok("processor", "\(model); the kernels use \(best.0)"))
    } else {
      found.append(
        .trouble(
          "processor", "\(model) has no AVX2",
          remedy: "train on a machine with AVX2 (Intel since 2013, AMD since 2015)"))
    }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let siblings = Set(
      info.split(separator: "\n").filter { $0.hasPrefix("processor") }
    ).count
    let words = Format.count(cores, "core")
    if cores < siblings {
      found.append(
        .note(
          "cores", "\(words) of \(siblings) may be used",
          remedy: "a control group, taskset or the batch system limits them; that may be meant"))
    } else {
      found.append(.ok("cores", words))
    }
    let load = Double(patient.text("/proc/loadavg").prefix { $0 != " " }) ?? 0
    if load > Double(cores) * 1.5 {
      found.append(
        .note(
          "load", "\(Format.number(load)) programs want \(words)",
          remedy: "what else runs here slows training: see top"))
    }
    return found
  }

  static let memory = Check(subject: "memory") { patient in
    guard let memory = MachineMemory.read(fileSystem: patient.root) else {
      return [
        .note(
          "memory", "the system does not say how much there is", remedy: "is /proc mounted here?")
      ]
    }
    let words = Format.bytes(Double(memory.availableBytes)) + " may be used"
    let limit = memory.limit == .controlGroup ? ", by a control group's limit" : ""
    guard memory.availableBytes > 2 << 30 else {
      return [
        .note(
          "memory", words + limit,
          remedy: "a ViT-S/14 with 224-pixel crops needs about 3 GB; dinod plan RECIPE says how "
            + "much a recipe needs")
      ]
    }
    return [.ok("memory", words + limit)]
  }

  /// How many files a process may have open: `dino serve` has one for each connection.
  static let files = Check(subject: "open files") { _ in
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return [] }
    guard limit.rlim_cur < 1024 else { return [.ok("open files", "\(limit.rlim_cur) may be open")] }
    return [
      .trouble(
        "open files", "a process may open only \(limit.rlim_cur)",
        remedy: "ulimit -n 4096, or LimitNOFILE= of the service")
    ]
  }

  /// The training program, and whether it is of the same version.
  static let training = Check(subject: "dinod") { _ in
    let daemon = try Daemon.find()
    let line = try daemon.versionLine()
    guard line.contains("dinod \(Version.current)") else {
      return [
        .trouble(
          "dinod", "\(daemon.path) is '\(line)', and this is dino \(Version.current)",
          remedy: "install both programs of one version in one folder")
      ]
    }
    return [.ok("dinod", "\(daemon.path), version \(Version.current)")]
  }
}
