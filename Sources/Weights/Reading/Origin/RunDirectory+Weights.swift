import FoundationEssentials
import History
import Support

extension RunDirectory {
  /// The file that says where the weights are from with which the run began.
  private var weightsFile: String { path + "/weights.json" }

  /// Records where the weights are from with which the run begins. The run's folder must exist.
  package func write(_ origin: WeightsOrigin) throws(FileError) {
    let json = PortableJSON.encode(origin.metadata, isSorted: true)
    try WholeFile.write(String(decoding: json, as: UTF8.self), to: weightsFile)
  }

  /// Gives a branch its own record of what its parent began with, since the parent may be removed.
  package func keepWeightsOrigin() throws(FileError) {
    guard !FileSystem.exists(weightsFile), let origin = weightsOrigin() else { return }
    try write(origin)
  }

  /// Returns where the weights are from with which the run began, or the run that it branched from. `nil` if it began
  /// at random, or if that cannot be read.
  func weightsOrigin() -> WeightsOrigin? {
    var (run, seen): (RunDirectory?, Set<String>) = (self, [])
    while let current = run, seen.insert(current.path).inserted {
      if let bytes = try? WholeFile.read(current.weightsFile, limit: 1 << 16),
        let metadata = PortableJSON.decode([String: String].self, Data(bytes))
      {
        return WeightsOrigin(metadata: metadata)
      }
      run = (try? current.branchOrigin()).flatMap { $0 }.map { current.sibling($0.run) }
    }
    return nil
  }
}
