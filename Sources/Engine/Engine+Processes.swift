import Kernels
import Tensor

extension Engine {
  /// Gives the whole state of process 0 to all: parameters, averages, moments, centers, and the numbers of
  /// updates. Every process calls it.
  package func share() {
    // What processes own parts of, they were given when process 0 set it.
    for student in students where !shape.isSharded {
      kernels.broadcast(student.network.store.owned)
      kernels.broadcast(student.average.store.owned)
      kernels.broadcast(student.optimiser.expAvg)
      kernels.broadcast(student.optimiser.expAvgSq)
    }
    if shape.frozenTeacher != nil { kernels.broadcast(teacher.store.owned) }
    for (_, center) in centerBuffers { kernels.broadcast(center) }
    let updates = (students.map(\.updates) + [targetUpdates]).flatMap { count in
      withUnsafeBytes(of: Int64(count).littleEndian, Array.init)
    }
    let shared = kernels.collectives.broadcast(updates)
    func count(_ number: Int) -> Int {
      let bytes = shared[number * 8..<(number + 1) * 8]
      return Int(bytes.reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) })
    }
    for student in students { student.updates = count(student.number) }
    targetUpdates = count(students.count)
  }
}
