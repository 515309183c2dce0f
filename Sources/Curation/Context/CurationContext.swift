import Crawl
import Crops
import Kernels
import Neighbours
import Support
import Tensor

/// What a curation tells while it works.
package protocol CurationObserver: AnyObject {
  /// A stage begins; `total` is the number of things that it goes through, 0 if it is unknown.
  func began(_ stage: StageName, what: String, total: Int)
  /// So many things are done.
  func advanced(to done: Int)
  /// A stage is done, with a line about what it did.
  func ended(_ stage: StageName, _ line: String)
  /// Something that a person should know.
  func noticed(_ text: String)
}

/// A curation was asked to end. What was done so far is kept.
package struct CurationStopped: Error {
  package init() {}
}

/// What the stages share: the plan, the pool's files, and the means to compute. One thread owns it.
package final class CurationContext {
  /// What the curation does, where, and what is known so far.
  package let plan: CurationPlan
  package let pool: Pool
  package let catalogue: Catalogue
  /// The thumbnails of images that were decoded.
  let thumbnails: RecordFile<Thumbnail>
  let workers: WorkerPool
  let makeKernels: () -> any Kernels & PairKernels
  /// Computes features; `nil` if the plan names no weights.
  let embedding: (any ImageEmbedding)?
  let observer: any CurationObserver
  let isStopped: () -> Bool
  /// Which addresses a crawl reaches that are not public. Only tests set it.
  package var privateAccess = PrivateAccess.none
  private let lock: FileLock?
  private var lists: [Int: (list: FileList, isIncomplete: Bool)] = [:]

  /// Opens the pool's files.
  ///
  /// - Parameter isChanging: whether the pool is changed, which only one program may do at a time.
  package init(
    _ plan: CurationPlan, pool: Pool, isChanging: Bool, workers: WorkerPool,
    embedding: (any ImageEmbedding)?, observer: any CurationObserver,
    makeKernels: @escaping () -> any Kernels & PairKernels, isStopped: @escaping () -> Bool
  ) throws {
    try FileSystem.makeFolder(pool.path)
    lock = isChanging ? try Self.lock(pool) : nil
    if isChanging { try Self.claim(pool, for: plan) }
    catalogue = try Catalogue(path: pool.catalogue)
    thumbnails = try RecordFile(path: pool.thumbnails)
    (self.plan, self.pool, self.workers, self.embedding) = (plan, pool, workers, embedding)
    (self.observer, self.makeKernels, self.isStopped) = (observer, makeKernels, isStopped)
  }

  private static func lock(_ pool: Pool) throws -> FileLock {
    do throws(FileLock.Failure) {
      return try FileLock(path: pool.lock)
    } catch {
      switch error {
      case .held(let pid):
        throw CatalogueError.failed(
          path: pool.path,
          detail: "is being curated" + (pid.map { " by process \($0)" } ?? "")
            + "; wait until that has ended")
      case .failed(let reason): throw CatalogueError.failed(path: pool.lock, detail: reason)
      }
    }
  }

  /// Makes the pool that of a plan's file. Throws if it is that of another one.
  private static func claim(_ pool: Pool, for plan: CurationPlan) throws {
    if FileSystem.exists(pool.plan) {
      let owner = ByteText.text(try WholeFile.read(pool.plan, limit: 1 << 16))
      guard owner == plan.file || !FileSystem.exists(owner) else {
        throw CatalogueError.failed(
          path: pool.path,
          detail: "is the pool of \(owner); give one of the two plans another pool.name")
      }
    }
    try WholeFile.write(bytes: ByteText.bytes(plan.file), to: pool.plan)
  }

  /// Throws `CurationStopped` if the curation was asked to end.
  func check() throws {
    if isStopped() { throw CurationStopped() }
    guard lock?.isInPlace != false else {
      throw CatalogueError.failed(
        path: pool.path, detail: "was removed, moved or replaced; put it back and run again")
    }
  }

  /// Returns the files of a source, which are searched once. What is not used of them is told.
  func list(_ source: Int) throws -> FileList { try found(source).list }

  /// Whether a part of a source could not be listed, which may be there again later.
  func isIncomplete(_ source: Int) throws -> Bool { try found(source).isIncomplete }

  private func found(_ source: Int) throws -> (list: FileList, isIncomplete: Bool) {
    if let known = lists[source] { return known }
    guard let path = try catalogue.source(source)?.path else {
      throw CatalogueError.damaged(path: pool.catalogue, detail: "no source \(source)")
    }
    let files: FileSource
    do throws(SourceError) {
      files = try FileSource(path: path, cacheBytes: 0)
    } catch {
      // The remedy is that of a plan.
      throw CatalogueError.source(error.what)
    }
    for notice in files.notices { observer.noticed(notice.text) }
    let found = (files.fileList, files.notices.contains(where: \.isProblem))
    lists[source] = found
    return found
  }
}

extension CurationContext {
  /// Returns the place of an image in the list of its source; `nil` if it is no longer there.
  func place(of image: CatalogueImage) throws -> Int? {
    // The files of a source are sorted by the bytes of their names.
    let files = try list(image.source).files
    var (low, high) = (0, files.count)
    while low < high {
      let middle = (low + high) / 2
      if FilePath.precedes(files[middle], image.file) { low = middle + 1 } else { high = middle }
    }
    guard low < files.count, ByteText.bytes(files[low]) == ByteText.bytes(image.file) else {
      return nil
    }
    return low
  }

  /// Returns the thumbnail of an image that was decoded.
  package func thumbnail(of id: Int) throws -> Thumbnail {
    guard let thumbnail = try thumbnails.record(of: id) else {
      throw FileError(
        file: pool.thumbnails, what: "lacks the thumbnail of image \(id)",
        remedy: "remove the pool's folder and curate again", cause: .damage)
    }
    return thumbnail
  }

  /// The parts of pictures that were looked at.
  func keypoints() throws -> RecordFile<PictureParts> { try RecordFile(path: pool.keypoints) }

  /// Compares vectors with the kernels of this machine.
  func search() -> NeighbourSearch { NeighbourSearch(kernels: makeKernels(), pool: workers) }

  /// The most vectors that are compared exactly; of more, inverted lists find most neighbours.
  private static let mostExact = 1_000_000

  /// Returns the nearest of the vectors above a threshold for each of them: as many as
  /// `duplicates.neighbours` says.
  ///
  /// - Parameter what: what the vectors are of, for the progress.
  func neighbours(
    _ vectors: Vectors, above threshold: Float, _ stage: StageName, _ what: String
  ) throws -> NeighbourLists {
    let (k, progress) = (plan.duplicates.neighbours, progress(stage, what))
    guard vectors.count > Self.mostExact else {
      return try search().graph(vectors, above: threshold, k: k, progress: progress)
    }
    let approximate = try search().approximateGraph(
      vectors, above: threshold, k: k, by: InvertedLists(seed: UInt64(plan.pool.seed)),
      progress: progress)
    observer.noticed(
      "\(what): inverted lists found \(Format.decimals(100 * approximate.recall, 1)) % of a "
        + "sample's neighbours")
    return approximate.lists
  }

  /// Tells how far a search is, and ends it if the curation was asked to end.
  func progress(_ stage: StageName, _ what: String) -> ProgressReport {
    observer.began(stage, what: what, total: 1000)
    return { [self] share in
      observer.advanced(to: Int(share * 1000))
      return !isStopped()
    }
  }
}
