/// One of the processes that share the ranks of a run, and how it spent its last step.
package struct ProcessStatus: Codable, Sendable, Equatable {
  /// Its number, from 0; process 0 is the daemon.
  @Count package var number: Int
  package var host: String
  package var pid: Int32
  /// Seconds of computing, of waiting for crops, and of waiting for other processes; `nil` before the
  /// first step.
  package var timeCompute: Double?
  package var timeData: Double?
  package var timeNetwork: Double?
  /// Bytes that it sent to other processes.
  package var bytesSent: Int?
  /// Bytes of its memory that are resident.
  package var memoryResident: Int?

  enum CodingKeys: String, CodingKey {
    case number, host, pid
    case timeCompute = "time_compute"
    case timeData = "time_data"
    case timeNetwork = "time_network"
    case bytesSent = "bytes_sent"
    case memoryResident = "memory_resident"
  }

  package init(number: Int, host: String, pid: Int32) {
    self.number = number
    self.host = host
    self.pid = pid
  }
}

extension [ProcessStatus] {
  /// The process for which the others wait: the one that computes longest, if that is a tenth more than
  /// the mean.
  package var slowest: ProcessStatus? {
    let times = compactMap(\.timeCompute)
    guard count > 1, times.count == count else { return nil }
    let mean = times.reduce(0, +) / Double(count)
    return self.max { $0.timeCompute! < $1.timeCompute! }.flatMap {
      $0.timeCompute! > 1.1 * mean ? $0 : nil
    }
  }
}
