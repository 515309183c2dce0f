import Support

/// How a run's images differ from those with which it was trained before.
package struct ImageChanges: Sendable {
  /// An image as an index has it.
  package typealias Entry = ImageIndex.Entry

  /// Images that were not there before, by path.
  package private(set) var added: [Entry] = []
  /// Images that are no longer there.
  package private(set) var gone: [Entry] = []
  /// Images that have another path, as they were and as they are.
  package private(set) var renamed: [(old: Entry, new: Entry)] = []
  /// Images whose file has another size now, or one that the system could not tell.
  package private(set) var resized: [Entry] = []
  /// Images that belong to another class now, although their path is the same.
  package private(set) var relabelled: [Entry] = []

  /// Compares two indices.
  ///
  /// A file that is gone and one that was added are one renamed image if they have the same size
  /// and the same name, or if no other file that is gone or was added has that size.
  package init(from old: ImageIndex, to new: ImageIndex) {
    var before = Dictionary(
      old.entries.map { (Key($0), $0) }, uniquingKeysWith: { first, _ in first })
    for entry in new.entries {
      guard let known = before.removeValue(forKey: Key(entry)) else {
        added.append(entry)
        continue
      }
      if known.bytes != entry.bytes || entry.bytes == nil { resized.append(entry) }
      if ByteText.bytes(known.label) != ByteText.bytes(entry.label) { relabelled.append(entry) }
    }
    gone = old.entries.filter { before[Key($0)] != nil }
    pair { Trait($0, name: FilePath.name(of: $0.path)) }
    pair { Trait($0, name: nil) }
  }

  /// Whether nothing differs.
  package var isEmpty: Bool {
    added.isEmpty && gone.isEmpty && renamed.isEmpty && resized.isEmpty && relabelled.isEmpty
  }

  /// Takes images that are gone and were added for renamed ones, where exactly one on either side
  /// has a trait.
  private mutating func pair(by trait: (Entry) -> Trait?) {
    func unique(_ entries: [Entry]) -> [Trait: Int] {
      var places: [Trait: Int?] = [:]
      for (place, entry) in entries.enumerated() {
        guard let trait = trait(entry) else { continue }
        places.updateValue(places[trait] == nil ? place : nil, forKey: trait)
      }
      return places.compactMapValues(\.self)
    }
    let later = unique(added)
    let pairs = unique(gone).compactMap { trait, old in later[trait].map { (old: old, new: $0) } }
      .sorted { $0.new < $1.new }
    renamed += pairs.map { (gone[$0.old], added[$0.new]) }
    let (moved, arrived) = (Set(pairs.map(\.old)), Set(pairs.map(\.new)))
    gone = gone.indices.filter { !moved.contains($0) }.map { gone[$0] }
    added = added.indices.filter { !arrived.contains($0) }.map { added[$0] }
  }

  /// What makes an image the same one: what it is for, and the bytes of its path.
  private struct Key: Hashable {
    let purpose: ImageIndex.Purpose
    let path: [UInt8]

    init(_ entry: Entry) {
      purpose = entry.purpose
      path = ByteText.bytes(entry.path)
    }
  }

  /// By what a renamed image is recognised.
  private struct Trait: Hashable {
    let purpose: ImageIndex.Purpose
    let bytes: Int
    let name: [UInt8]?

    init?(_ entry: Entry, name: String?) {
      guard let bytes = entry.bytes else { return nil }
      purpose = entry.purpose
      self.bytes = bytes
      self.name = name.map { ByteText.bytes($0) }
    }
  }
}

extension ImageChanges {
  /// The changes in words, such as `12 added (12 of c), 1 gone (1 of a)`.
  package var text: String {
    [
      (added, "added"), (gone, "gone"), (renamed.map(\.new), "renamed"),
      (resized, "of another size"), (relabelled, "of another class"),
    ]
    .filter { !$0.0.isEmpty }
    .map { "\($0.count) \($1)\(Self.classes($0))" }.joined(separator: ", ")
  }

  /// The most classes that are named.
  private static let mostNamed = 5

  /// Returns the numbers of images by class, the largest first; empty without classes.
  private static func classes(_ entries: [Entry]) -> String {
    let counts = Dictionary(grouping: entries, by: { ByteText.bytes($0.label) })
      .map { (label: $0.value[0].label, count: $0.value.count) }
      .sorted { ($1.count, $0.label) < ($0.count, $1.label) }
    guard counts.contains(where: { !$0.label.isEmpty }) else { return "" }
    let named = counts.prefix(mostNamed).map {
      "\($0.count) \($0.label.isEmpty ? "without a class" : "of \($0.label)")"
    }
    let rest = counts.count - named.count
    return
      " (\(named.joined(separator: ", "))\(rest > 0 ? ", and \(Format.count(rest, "more class"))" : ""))"
  }
}
