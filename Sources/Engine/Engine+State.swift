import Kernels
import Model
import Tensor

/// Reading and writing the state between steps.
///
/// If processes own parts of it, they take part in each of these calls: process 0 makes the call, announces
/// it, and the others `join` it.
extension Engine {
  /// A call that all processes make together.
  package enum Call: Codable, Sendable {
    case initialise(seed: Int)
    /// Begin the optimiser's moments anew.
    case resetMoments
    /// Gather a unit of a part, from its owners.
    case gather(Part, student: Int, unit: Int)
    /// Give a unit of a part to its owners.
    case scatter(Part, student: Int, unit: Int)
    case embed(Part, student: Int, passes: Int)
    /// Say whether a file can be written to.
    case lookFor(String)
    /// Write what a process owns of a file of a checkpoint, whose values begin at an offset.
    case save(file: Int, student: Int, path: String, offset: Int)
  }

  /// Tells the other processes of a call, if they own parts of the state.
  func announce(_ call: Call) {
    if shape.isSharded { onCall?(call) }
  }

  /// Makes a call that process 0 has announced.
  package func join(_ call: Call) {
    switch call {
    case .initialise(let seed): initialise(seed: seed)
    case .resetMoments: resetMoments()
    case .gather(let part, let student, let unit): gather(part, students[student], unit)
    case .scatter(let part, let student, let unit): scatter(part, students[student], unit)
    case .lookFor(let path): lookFor(path)
    case .save(let file, let student, let path, let offset):
      save(file: file, student: student, path: path, offset: offset)
    case .embed(let part, let student, let passes):
      window = nil
      let network = network(part, student)
      let units = network.backboneUnits
      for _ in 0..<passes {
        for unit in 0...network.shape.backbone.depth { units.enter(kernels, unit) }
      }
    }
  }

  /// Initialises the parameters by a seed; each average begins as a copy of its student.
  package func initialise(seed: Int) {
    announce(.initialise(seed: seed))
    window = nil
    for student in students {
      for (number, parameter) in student.layout.parameters.enumerated() {
        store(
          student.layout.initialValues(ofTensor: number, seed: seed), student.network.store.owned,
          student.network.store, parameter.range)
      }
      kernels.copy(student.network.store.owned, to: student.average.store.owned)
      student.network.store.release()
      student.average.store.release()
    }
  }

  /// Begins the optimiser's moments anew, with the number of updates that corrects their bias.
  package func resetMoments() {
    announce(.resetMoments)
    for student in students {
      kernels.fill(student.optimiser.expAvg, with: 0)
      kernels.fill(student.optimiser.expAvgSq, with: 0)
      student.updates = 0
    }
  }

  /// What this process owns of a part, and whose slices these are.
  func owned(_ part: Part, of student: Student) -> (Buffer, ParameterStore) {
    let store = student.network.store
    return switch part {
    case .student: (store.owned, store)
    case .teacher: (teacher.store.owned, teacher.store)
    case .average: (student.average.store.owned, student.average.store)
    case .expAvg: (student.optimiser.expAvg, store)
    case .expAvgSq: (student.optimiser.expAvgSq, store)
    case .gradients: (student.gradients.total, store)
    }
  }

  /// Fetches a part's elements of the layout.
  func read(
    _ part: Part, of student: Student, _ range: Range<Int>,
    to values: UnsafeMutableBufferPointer<Float>
  ) {
    let (buffer, store) = owned(part, of: student)
    guard store.isSharded else { return kernels.download(buffer[range], to: values) }
    for unit in store.units.overlapping(range) {
      let (place, found) = open(part, student, unit, range)
      kernels.download(
        place,
        to: UnsafeMutableBufferPointer(
          rebasing: values[
            found.lowerBound - range.lowerBound..<found.upperBound - range.lowerBound]))
    }
  }

  /// Sets a part's elements of the layout. If processes own parts of them, the last ones are there after
  /// `flush` only.
  func write(
    _ part: Part, of student: Student, _ range: Range<Int>, _ values: UnsafeBufferPointer<Float>
  ) {
    let (buffer, store) = owned(part, of: student)
    guard store.isSharded else { return kernels.upload(values, to: buffer[range]) }
    for unit in store.units.overlapping(range) {
      let (place, found) = open(part, student, unit, range)
      kernels.upload(
        UnsafeBufferPointer(
          rebasing: values[
            found.lowerBound - range.lowerBound..<found.upperBound - range.lowerBound]),
        to: place)
      window?.isChanged = true
    }
  }

  /// Gives what was written to its owners.
  func flush() {
    guard let open = window, open.isChanged else { return }
    announce(.scatter(open.part, student: open.student, unit: open.unit))
    scatter(open.part, students[open.student], open.unit)
    window?.isChanged = false
  }

  /// Makes a unit of a part whole. Returns where the elements of a range are that it has, and which.
  private func open(
    _ part: Part, _ student: Student, _ unit: Int, _ range: Range<Int>
  ) -> (Buffer, Range<Int>) {
    if window?.part != part || window?.student != student.number || window?.unit != unit {
      flush()
      announce(.gather(part, student: student.number, unit: unit))
      gather(part, student, unit)
      window = Window(part: part, student: student.number, unit: unit)
    }
    let (_, store) = owned(part, of: student)
    let all = store.units.units[unit].range
    let found = all.clamped(to: range)
    return (
      store.place(of: unit)[found.lowerBound - all.lowerBound..<found.upperBound - all.lowerBound],
      found
    )
  }

  private func gather(_ part: Part, _ student: Student, _ unit: Int) {
    let (buffer, store) = owned(part, of: student)
    store.gather(kernels, unit, of: buffer)
  }

  private func scatter(_ part: Part, _ student: Student, _ unit: Int) {
    let (buffer, store) = owned(part, of: student)
    store.scatter(kernels, unit, to: buffer)
    store.release()
  }

  /// Keeps what this process owns of some elements of the layout.
  private func store(
    _ values: [Float], _ buffer: Buffer, _ store: ParameterStore, _ range: Range<Int>
  ) {
    guard store.isSharded else { return kernels.upload(values, to: buffer[range]) }
    for unit in store.units.overlapping(range) {
      let own = store.units.own(unit).clamped(to: range)
      guard !own.isEmpty else { continue }
      kernels.upload(
        values[own.lowerBound - range.lowerBound..<own.upperBound - range.lowerBound],
        to: buffer[store.place(own, unit: unit)])
    }
  }

  /// The values of a part of a student, in the order of the student's layout; those of the teacher in
  /// the order of its own.
  package func values(of part: Part, student: Int = 0) -> [Float] {
    let student = students[student]
    let count = part == .teacher ? shape.teacher.layout.count : student.layout.count
    return [Float](unsafeUninitializedCapacity: count) { target, found in
      target.initialize(repeating: 0)
      read(part, of: student, 0..<count, to: target)
      window = nil
      found = count
    }
  }

  /// Sets a part; `values` are in the order of the layout.
  package func set(_ part: Part, to values: [Float], student: Int = 0) {
    let student = students[student]
    let count = part == .teacher ? shape.teacher.layout.count : student.layout.count
    precondition(values.count == count)
    values.withUnsafeBufferPointer { write(part, of: student, 0..<count, $0) }
    flush()
    window = nil
  }

  func network(_ part: Part, _ student: Int) -> Network {
    part == .teacher ? teacher : students[student].average
  }
}
