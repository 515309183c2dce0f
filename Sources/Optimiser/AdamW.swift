import Kernels
import Model
import Tensor

/// Where AdamW's moving averages of the gradient and of its square lie: one a parameter.
package struct AdamWMoments: Sendable {
  package let expAvg: Buffer
  package let expAvgSq: Buffer

  /// Plans the buffers for `count` parameters.
  package init(_ plan: ArenaPlan, count: Int) {
    expAvg = plan.buffer(count)
    expAvgSq = plan.buffer(count)
  }
}

/// Clipping, AdamW and the teacher's moving average over a whole network.
///
/// An object, for the room of its list of segments.
package final class AdamW {
  package let groups: ParameterGroups
  package var expAvg: Buffer { moments.expAvg }
  package var expAvgSq: Buffer { moments.expAvgSq }
  private let moments: AdamWMoments
  private let beta1: Float
  private let beta2: Float
  private var segments: [ParameterSegment] = []

  package init(
    _ moments: AdamWMoments, groups: ParameterGroups, beta1: Float = 0.9, beta2: Float = 0.999
  ) {
    self.moments = moments
    self.groups = groups
    self.beta1 = beta1
    self.beta2 = beta2
  }

  /// Adds the squared norm of each sub-module's gradient to a number of its own.
  ///
  /// The ranks have the same gradients and share the work: the norm is whole once the numbers are
  /// summed over them.
  package func addSquaredNorms(_ kernels: any Kernels, _ gradients: Buffer, to squares: Scalars) {
    for (number, module) in groups.modules.enumerated() {
      let part = kernels.collectives.part(of: module.range)
      kernels.addSumOfSquares(gradients[part], to: squares[number])
    }
  }

  /// Adds the norm of each sub-module's gradient to a list, by the squares that the host has read.
  package func addNorms(
    _ squares: Scalars, _ values: ScalarValues, to norms: inout [Double]
  ) {
    for number in groups.modules.indices { norms.append(values[squares[number]].squareRoot()) }
  }

  /// One step, and the moving average of the parameters, which is the teacher's. `number` counts
  /// updates from 1; `clip` 0: gradients are taken as they are; `momentum`: what the average keeps.
  package func step(
    _ kernels: any Kernels, _ parameters: Buffer, gradients: Buffer, average: Buffer,
    norms: [Double], number: Int, lr: Double, lastLayerLr: Double, weightDecay: Double,
    clip: Double, momentum: Double
  ) {
    groups.setSegments(&segments, lr: lr, lastLayerLr: lastLayerLr, weightDecay: weightDecay) {
      // As clip_grad_norm_ has it, its small constant included.
      clip > 0 ? Float(min(1, clip / (norms[$0] + 1e-6))) : 1
    }
    kernels.adamW(
      parameters, gradients: gradients, expAvg: expAvg, expAvgSq: expAvgSq,
      average: average,
      segments: segments,
      settings: AdamWSettings(
        beta1: beta1, beta2: beta2, step: number, momentum: Float(momentum)))
  }
}
