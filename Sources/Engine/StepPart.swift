import Model
import Recipe
import Tensor

/// A part of a step that is computed in one go, and how long that takes.
package struct StepPart: Sendable, Equatable {
  /// What the part belongs to.
  package enum Phase: String, Sendable { case teacher, student, backward, optimiser }

  package let phase: Phase
  /// The unit of parameters that it uses, as `ParameterUnits` numbers them; nil for parts that use none.
  package let unit: Int?
  package var seconds: Double

  package init(_ phase: Phase, unit: Int?, seconds: Double) {
    (self.phase, self.unit, self.seconds) = (phase, unit, seconds)
  }
}

extension StepPart {
  /// The parts of a step that was recorded on one process.
  package static func parts(_ spans: [StepTrace.Span], _ units: ParameterUnits) -> [StepPart] {
    spans.compactMap { span in
      Phase(rawValue: span.phase).map {
        StepPart(
          $0, unit: units.units.firstIndex { $0.name == span.name },
          seconds: span.ended - span.began)
      }
    }
  }

  /// The parts of a step that nobody has measured, from its operations.
  ///
  /// - Parameters:
  ///   - rate: operations a second of a process.
  ///   - ranks: the ranks that it computes.
  package static func parts(_ shape: EngineShape, rate: Double) -> [StepPart] {
    let cost = NetworkCost(shape)
    let depth = shape.network.backbone.depth
    let heads = shape.network.ibotHead == nil ? [depth + 1] : [depth + 1, depth + 2]
    func blocks(_ phase: Phase, _ operations: Double) -> [StepPart] {
      (1...max(depth, 1)).map {
        StepPart(phase, unit: $0, seconds: operations / Double(max(depth, 1)) / rate)
      }
    }
    func head(_ phase: Phase, _ operations: Double) -> [StepPart] {
      heads.map { StepPart(phase, unit: $0, seconds: operations / Double(heads.count) / rate) }
    }
    let teacher =
      [StepPart(.teacher, unit: 0, seconds: 0)] + blocks(.teacher, cost.teacherBackbone)
      + head(.teacher, cost.teacherHeads)
    let student =
      [StepPart(.student, unit: 0, seconds: 0)] + blocks(.student, cost.studentBackbone)
      + head(.student, 3 * cost.studentHeads)
      + blocks(.backward, (shape.recompute ? 3 : 2) * cost.studentBackbone).reversed()
      + [StepPart(.backward, unit: 0, seconds: 0)]
    let batch =
      shape.ranks.local.flatMap { _ in teacher } + [StepPart(.teacher, unit: nil, seconds: 0)]
      + shape.ranks.local.flatMap { _ in student }
    let owned =
      Double(shape.network.layout.count)
      / (shape.isSharded ? Double(shape.ranks.world / shape.ranks.local.count) : 1)
    return (0..<shape.accumulationSteps).flatMap { _ in batch } + [
      StepPart(.optimiser, unit: nil, seconds: owned * updateBytes / memoryRate)
    ]
  }

  /// The bytes that AdamW and the average read and write for a parameter, and the bytes a second that two
  /// channels of DDR4 manage.
  private static let updateBytes = 36.0
  private static let memoryRate = 1e10
}
