import Kernels
import Tensor

extension CPUKernels {
  package func linear(
    _ x: Matrix, weight: Matrix, bias: Buffer?, into y: Matrix, _ activation: Activation,
    activated: Matrix
  ) {
    precondition(activated.rows == y.rows && y.columns == activation.columns * activated.columns)
    var product = product(x, weight: weight, bias: bias, into: y)
    product.activated = ActivatedResult(
      activation: activation, x: elements(y), y: elements(activated), width: activated.columns)
    compute(product)
  }

  package func linearInputGradient(
    _ dy: Matrix, weight: Matrix, _ activation: Activation, x: Matrix, dx: Matrix,
    activated: Matrix?
  ) {
    let width = weight.columns
    precondition(dy.columns == weight.rows && dy.rows == x.rows && dx.rows == x.rows)
    precondition(x.columns == activation.columns * width && dx.columns == x.columns)
    precondition(activated == nil || activated!.rows == x.rows && activated!.columns == width)
    compute(
      Product(
        m: dy.rows, n: width, k: weight.rows, a: factor(dy), b: factor(weight),
        target: .gradient(
          ActivationGradient(
            activation: activation, x: elements(x), dx: elements(dx),
            y: activated.map(elements), width: width)),
        precision: precision))
  }
}
