import Crops
import Features
import Images
import Run
import Support

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// Returns the images that operands name: files as they are, and those in folders, lists and
/// archives (see `FileSource`), ordered by path.
func imageFiles(_ operands: [String]) throws -> FileList {
  FileList(
    joining: try operands.map { operand in
      guard FileSource.isDataSet(operand) else {
        guard try FileSystem.status(operand) != nil else {
          throw RunError.file("\(operand): \(SystemReason.of(ENOENT))")
        }
        return FileList([operand])
      }
      do {
        let source = try FileSource(path: operand, cacheBytes: 0)
        tell(source.notices)
        return source.fileList
      } catch let error as SourceError {
        guard case .noImages = error else { throw error }
        throw RunError.file(error.what)
      }
    })
}

/// Prints on standard error what is not used of a data set.
func tell(_ notices: [SourceNotice]) {
  for notice in notices { tell(notice.text) }
}

/// Prints on standard error which images were skipped, and why.
func printSkipped(_ problems: [PixelLoader.Problem], of count: Int) {
  for problem in problems { fputs("skipped \(problem.reason)\n", stderr) }
  if !problems.isEmpty {
    fputs("\(problems.count) of \(count) images were skipped\n", stderr)
  }
}
