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
    case read(Part, student: Int, lower: Int, upper: Int)
    case write(Part, student: Int, lower: Int, upper: Int)
    case embed(Part, student: Int, passes: Int)
  }

  /// Tells the other processes of a call, if they own parts of the state.
  func announce(_ call: Call) {
    if shape.isSharded { onCall?(call) }
  }

  /// Makes a call that process 0 has announced.
  package func join(_ call: Call) {
    switch call {
    case .initialise(let seed): initialise(seed: seed)
    case .read(let part, let student, let lower, let upper):
      var unused = [Float](repeating: 0, count: upper - lower)
      unused.withUnsafeMutableBufferPointer {
        exchange(part, students[student], lower..<upper, $0)
      }
    case .write(let part, let student, let lower, let upper):
      var values = [Float](repeating: 0, count: upper - lower)
      values.withUnsafeMutableBufferPointer { receive(part, students[student], lower..<upper, $0) }
    case .embed(let part, let student, let passes):
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

  /// What this process owns of a part, and whose slices these are.
  private func owned(_ part: Part, of student: Student) -> (Buffer, ParameterStore) {
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
    announce(.read(part, student: student.number, lower: range.lowerBound, upper: range.upperBound))
    exchange(part, student, range, values)
  }

  /// Gives every process's slices of some elements to all.
  private func exchange(
    _ part: Part, _ student: Student, _ range: Range<Int>,
    _ values: UnsafeMutableBufferPointer<Float>
  ) {
    let (buffer, store) = owned(part, of: student)
    let units = store.units
    let found = units.overlapping(range)
    var own: [Float] = []
    for unit in found {
      let slice = units.own(unit).clamped(to: range)
      if !slice.isEmpty { own += kernels.download(buffer[store.place(slice, unit: unit)]) }
    }
    let all = kernels.collectives.gather(own.withUnsafeBytes(Array.init))
    for (process, bytes) in all.enumerated() {
      bytes.withUnsafeBytes { raw in
        var next = 0
        for unit in found {
          let slice = units.slice(unit, process: process).clamped(to: range)
          guard !slice.isEmpty else { continue }
          let place = slice.lowerBound - range.lowerBound..<slice.upperBound - range.lowerBound
          _ = UnsafeMutableBufferPointer(rebasing: values[place]).update(
            fromContentsOf: UnsafeBufferPointer(
              rebasing: raw.bindMemory(to: Float.self)[next..<next + slice.count]))
          next += slice.count
        }
      }
    }
  }

  /// Sets a part's elements of the layout.
  func write(
    _ part: Part, of student: Student, _ range: Range<Int>, _ values: UnsafeBufferPointer<Float>
  ) {
    let (buffer, store) = owned(part, of: student)
    guard store.isSharded else { return kernels.upload(values, to: buffer[range]) }
    announce(
      .write(part, student: student.number, lower: range.lowerBound, upper: range.upperBound))
    var copy = Array(values)
    copy.withUnsafeMutableBufferPointer { receive(part, student, range, $0) }
  }

  /// Takes over what process 0 gives of some elements.
  private func receive(
    _ part: Part, _ student: Student, _ range: Range<Int>,
    _ values: UnsafeMutableBufferPointer<Float>
  ) {
    kernels.collectives.broadcast(values)
    let (buffer, owner) = owned(part, of: student)
    store(Array(values), buffer, owner, range)
    owner.release()
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
      found = count
    }
  }

  /// Sets a part; `values` are in the order of the layout.
  package func set(_ part: Part, to values: [Float], student: Int = 0) {
    let student = students[student]
    let count = part == .teacher ? shape.teacher.layout.count : student.layout.count
    precondition(values.count == count)
    values.withUnsafeBufferPointer { write(part, of: student, 0..<count, $0) }
  }

  private func network(_ part: Part, _ student: Int) -> Network {
    part == .teacher ? teacher : students[student].average
  }

  /// The CLS features [images, D] that the teacher or a student's average gives for views
  /// [images, channels, size, size] of the global crops' size. To be called between steps; it overwrites the
  /// activations of the last step.
  package func embed(_ views: [Float], by part: Part = .teacher, student: Int = 0) -> [Float] {
    let network = network(part, student)
    let group = shape.globalCrops
    let each = group.patchesEach * shape.network.backbone.patchElements
    var rows: [Int32] = []
    network.pass.addClsRows(group: 0, to: &rows)
    announce(
      .embed(
        part, student: student,
        passes: (views.count + group.count * each - 1) / (group.count * each)))
    network.pass.prepare(kernels)
    var features: [Float] = []
    var start = 0
    while start < views.count {
      let end = min(start + group.count * each, views.count)
      // The pass has a fixed number of crops: the last one is padded.
      let filling = [Float](repeating: 0, count: group.count * each - (end - start))
      input.load(kernels, Array(views[start..<end]) + filling, group: 0)
      let chunk = network.features(
        kernels, patches: input.patches, masks: nil, keep: nil, rows: rows, withHeads: false)
      features += kernels.download(chunk.first((end - start) / each).buffer)
      start = end
    }
    return features
  }
}
