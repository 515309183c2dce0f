import CAllocations
import Foundation
import Support

/// Tries damaged versions of files on a reader, and says what was wrong with how it took them.
///
/// Each version has to end in a value or in an error whose description is one short printable
/// line, and reading must not take more memory than stated. `DINO_MUTATIONS` says how many versions
/// are tried of each reader (1000), `DINO_MUTATIONS_FROM` with which number to begin, and
/// `DINO_MUTATIONS_FOLDER` where the number of the version that is being tried is kept, so that it
/// outlives a crash. `make fuzz` sets them.
package struct Mutations {
  /// The most characters that an error may have.
  private static let longest = 1901

  private let reader: String
  private var mutator: Mutator
  private let settings = MutationSettings()
  private var growth = MemoryGrowth()
  private var refused = 0
  private var slowest = (seconds: 0.0, number: 0)
  /// What was wrong: at most ten lines, empty if nothing was.
  package private(set) var problems: [String] = []

  private init(_ reader: String, _ mutator: Mutator) {
    self.reader = reader
    self.mutator = mutator
  }

  /// Tries damaged versions of sound files, in turns.
  ///
  /// - Parameters:
  ///   - reader: the reader's name, which is also the seed.
  ///   - megabytes: the most that all readings together may add to the memory in use.
  ///   - accepted: the share of versions that must be read without an error.
  ///   - read: reads one version. It is given its number, for messages.
  /// - Returns: what was wrong; empty if nothing was.
  package static func problems(
    _ reader: String, _ files: [[UInt8]], as content: Mutator.Content = .bytes,
    megabytes: Int, accepted: ClosedRange<Double>,
    read: (_ version: [UInt8], _ number: Int) throws -> Void
  ) -> [String] {
    let seed = reader.utf8.reduce(14_695_981_039) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    var mutations = Mutations(reader, Mutator(seed: seed, files, as: content))
    mutations.tryAll(read)
    mutations.judge(megabytes: megabytes, accepted: accepted)
    return mutations.problems
  }

  private mutating func tryAll(_ read: ([UInt8], Int) throws -> Void) {
    let progress = MutationProgress(reader, settings)
    defer { progress.finish() }
    growth.begin()
    for (number, file) in mutator.files.enumerated() {
      do { try read(file, number) } catch { add("refuses sound file \(number): \(error)") }
    }
    for number in settings.numbers {
      progress.begin(number)
      let version = mutator.version(number)
      if settings.isRepeating { progress.keep(version) }
      let began = Clock.monotonic()
      do { try read(version, number) } catch { refuse(error, number) }
      let took = Clock.monotonic() - began
      if took > slowest.seconds { slowest = (took, number) }
    }
    growth.end()
    progress.say(summary)
  }

  private mutating func refuse(_ error: any Error, _ number: Int) {
    refused += 1
    let text = "\(error)"
    if error is DecodingError {
      add("\(number): a decoder's error: \(text.prefix(200))")
    } else if !PrintableText.isPrintable(text) {
      add("\(number): not one printable line: \(PrintableText.line(text, limit: 200))")
    } else if text.isEmpty || text.count > Self.longest {
      add("\(number): an error of \(text.count) characters: \(text.prefix(200))")
    }
  }

  private mutating func add(_ problem: String) {
    if problems.count < 10 { problems.append("\(reader) \(problem)") }
  }

  private mutating func judge(megabytes: Int, accepted: ClosedRange<Double>) {
    let most = growth.allowance(megabytes)
    if growth.bytes > most << 20 { add("took \(growth.bytes >> 20) MiB, more than \(most)") }
    // Of a few versions the share says nothing.
    let count = settings.numbers.count
    let share = Double(count - refused) / Double(count)
    if count >= 1000 && !accepted.contains(share) {
      add("accepted a share of \(share), outside \(accepted)")
    }
  }

  /// The reader's line in the report of `make fuzz`.
  private var summary: String {
    let count = settings.numbers.count
    return "\(count) inputs, \(refused) refused, \(count - refused) accepted, "
      + "growth \(growth.bytes >> 20) MiB, slowest \(Int(slowest.seconds * 1000)) ms "
      + "(number \(slowest.number))"
  }
}

/// The refusal of a damaged version by a reader that does not throw.
package struct MutationRefusal: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
