import Kernels
import Model
import Tensor

/// Where AdamW's moving averages of the gradient and of its square lie: one a parameter.
package struct AdamWMoments: Sendable {
  package let expAvg: Buffer
  package let expAvgSq: Buffer

  package init(_ plan: ArenaPlan, count: Int) {
    expAvg = plan.buffer(count)
    expAvgSq = plan.buffer(count)
  }
}

/// Clipping, AdamW and the teacher's moving average over a whole network.
package struct AdamW {
  package let groups: ParameterGroups
  package var expAvg: Buffer { moments.expAvg }
  package var expAvgSq: Buffer { moments.expAvgSq }
  private let moments: AdamWMoments
  private let beta1: Float
  private let beta2: Float

  package init(
    _ moments: AdamWMoments, groups: ParameterGroups, beta1: Float = 0.9, beta2: Float = 0.999
  ) {
    self.moments = moments
    self.groups = groups
    self.beta1 = beta1
    self.beta2 = beta2
  }

  /// The norm of each sub-module's gradient.
  package func gradientNorms(_ kernels: any Kernels, _ gradients: Buffer) -> [Double] {
    groups.modules.map { kernels.sumOfSquares(gradients[$0.range]).squareRoot() }
  }

  /// One step. `number` counts updates from 1; `clip` 0: gradients are taken as they are.
  package func step(
    _ kernels: any Kernels, _ parameters: Buffer, gradients: Buffer, norms: [Double], number: Int,
    lr: Double, lastLayerLr: Double, weightDecay: Double, clip: Double
  ) {
    let scales = norms.map { norm in
      // As clip_grad_norm_ has it, its small constant included.
      clip > 0 ? Float(min(1, clip / (norm + 1e-6))) : 1
    }
    kernels.adamW(
      parameters, gradients: gradients, expAvg: expAvg, expAvgSq: expAvgSq,
      segments: groups.segments(
        lr: lr, lastLayerLr: lastLayerLr, weightDecay: weightDecay, gradientScales: scales),
      settings: AdamWSettings(beta1: beta1, beta2: beta2, step: number))
  }
}
