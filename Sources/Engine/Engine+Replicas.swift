import Kernels
import Store
import Tensor

/// Checksums of what all processes must hold alike, so that one that computes other bits is noticed.
///
/// Without sharding these are parameters, averages and moments; in any case the centers, a frozen teacher,
/// and the losses and norms of the last step. What processes own parts of has no copy to be compared with.
extension Engine {
  /// The number of shares in which the state is compared, one after each step.
  package static let replicaShares = 64

  /// The checksums of a share of the state, or of all of it, by the names of its parts. To be called between
  /// steps.
  ///
  /// - Parameter share: the number of the share, from 0; nil for all of the state.
  package func replicaChecksums(share: Int? = nil) -> [String: String] {
    var found: [String: String] = [:]
    for (name, buffer) in replicated {
      let bounds = [share ?? 0, share.map { $0 + 1 } ?? Self.replicaShares].map {
        buffer.count * $0 / Self.replicaShares
      }
      found[name] = checksum(buffer[bounds[0]..<bounds[1]])
    }
    found["losses and norms"] = checksumOfScalars
    return found
  }

  /// The share that is compared after the present number of updates.
  package var nextReplicaShare: Int { updates % Self.replicaShares }

  /// The buffers that all processes have whole, and their names.
  private var replicated: [(String, Buffer)] {
    var found = centerBuffers.map { ("center of \($0)", $1) }
    if shape.frozenTeacher != nil { found.append(("teacher", teacher.store.owned)) }
    for student in students where !shape.isSharded {
      let whose = students.count > 1 ? " of \(student.shape.name)" : ""
      found += [
        ("student" + whose, student.network.store.owned),
        ("average" + whose, student.average.store.owned),
        ("exp_avg" + whose, student.optimiser.expAvg),
        ("exp_avg_sq" + whose, student.optimiser.expAvgSq),
      ]
    }
    return found
  }

  private func checksum(_ buffer: Buffer) -> String {
    let sum = Checksum()
    let most = 1 << 16
    withUnsafeTemporaryAllocation(of: Float.self, capacity: most) { values in
      for first in stride(from: 0, to: buffer.count, by: most) {
        let part = UnsafeMutableBufferPointer(rebasing: values[..<min(most, buffer.count - first)])
        kernels.download(buffer[first..<first + part.count], to: part)
        sum.update(UnsafeRawBufferPointer(part))
      }
    }
    return sum.text
  }

  private var checksumOfScalars: String {
    let values = lists.students.flatMap { [$0.total] + $0.gradientNorms }
    return values.withUnsafeBytes { Checksum.text(of: $0) }
  }
}
