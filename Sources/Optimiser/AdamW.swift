import Kernels
import Model
import Tensor

/// AdamW's moving averages of the gradient and of its square, for each parameter.
package struct AdamWMoments: Sendable {
  package let expAvg: Buffer
  package let expAvgSq: Buffer

  /// Plans the buffers for `count` parameters.
  package init(_ plan: ArenaPlan, count: Int) {
    expAvg = plan.buffer(count)
    expAvgSq = plan.buffer(count)
  }
}

/// Gradient clipping, AdamW and the moving average of the parameters, for a whole network.
///
/// A class, so that the list of segments is allocated once.
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

  /// Adds the squared norm of each sub-module's gradient to its scalar.
  package func addSquaredNorms(_ kernels: any Kernels, _ gradients: Buffer, to squares: Scalars) {
    for (number, module) in groups.modules.enumerated() {
      kernels.addSumOfSquares(gradients[module.range], to: squares[number])
    }
  }

  /// Appends the norm of each sub-module's gradient to a list, from the squares that the host has read.
  package func addNorms(
    _ squares: Scalars, _ values: ScalarValues, to norms: inout [Double]
  ) {
    for number in groups.modules.indices { norms.append(values[squares[number]].squareRoot()) }
  }

  /// Makes one update of the parameters and of their moving average.
  ///
  /// - Parameters:
  ///   - norms: of the gradients, one for each sub-module.
  ///   - number: of the update, from 1.
  ///   - clip: the norm that each sub-module's gradient is clipped to; 0 for no clipping.
  ///   - momentum: of the moving average.
  package func step(
    _ kernels: any Kernels, _ parameters: Buffer, gradients: Buffer, average: Buffer,
    norms: [Double], number: Int, lr: Double, lastLayerLr: Double, weightDecay: Double,
    clip: Double, momentum: Double
  ) {
    groups.setSegments(&segments, lr: lr, lastLayerLr: lastLayerLr, weightDecay: weightDecay) {
      // As clip_grad_norm_ does, with its small constant.
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
