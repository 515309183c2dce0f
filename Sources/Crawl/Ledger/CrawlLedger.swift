import Support

/// What a crawl has to remember: how far its sources were read, which addresses wait, how the others
/// ended, and what is known of hosts. One thread uses it.
///
/// Each call that changes something does so as a whole or not at all, whenever the process is killed.
package protocol CrawlLedger: AnyObject {
  /// Returns how far a source was read; 0 if it was not.
  func position(of source: String) throws(FileError) -> Int

  /// Adds links that wait to be fetched, together with how far their source was read. Addresses that
  /// are known already are passed over.
  ///
  /// - Returns: how many were new.
  func add(_ links: [ImageLink], of source: String, upTo position: Int) throws(FileError) -> Int

  /// Returns hosts at which addresses wait and that are not paused at a time, in an order that stays
  /// the same: at most `limit` of them behind another one, or from the first.
  func waitingHosts(
    after host: String?, at time: Double, limit: Int
  ) throws(FileError) -> [(host: String, waiting: Int)]

  /// Returns addresses that wait at a host, ordered by their numbers: those behind `id`, and at most
  /// `limit`.
  func waiting(at host: String, after id: Int, limit: Int) throws(FileError) -> [QueuedURL]

  /// Returns what is known of a host.
  func host(_ name: String) throws(FileError) -> HostRecord

  /// Returns the robots.txt of an origin; `nil` if none was recorded.
  func robots(of origin: String) throws(FileError) -> RobotsRecord?

  /// Records how addresses ended, and what is now known of hosts and of files robots.txt.
  func record(
    _ results: [FetchResult], hosts: [HostRecord], robots: [RobotsRecord]
  ) throws(FileError)

  /// Returns the number of addresses by outcome.
  func counts() throws(FileError) -> [FetchOutcome: Int]

  /// Returns the number of addresses that wait, and how many of these are at hosts that are paused at
  /// a time.
  func waitingCounts(at time: Double) throws(FileError) -> (all: Int, paused: Int)

  /// Returns the hosts with the most failures, at most `limit`.
  func failingHosts(limit: Int) throws(FileError) -> [HostRecord]
}
