import Tensor

/// The parameters of a student or teacher, or their gradients.
package struct NetworkParameters: Sendable {
  package let backbone: VisionTransformer.Parameters
  package let dinoHead: ProjectionHead.Parameters
  package let ibotHead: ProjectionHead.Parameters?

  /// Declares all tensors to a builder, in the official code's order.
  package init(_ builder: inout ParameterBuilder, _ shape: NetworkShape) {
    backbone = builder.scope("backbone") { VisionTransformer.Parameters(&$0, shape.backbone) }
    dinoHead = builder.scope("dino_head") { ProjectionHead.Parameters(&$0, shape.dinoHead) }
    ibotHead = shape.ibotHead.map { head in
      builder.scope("ibot_head") { ProjectionHead.Parameters(&$0, head) }
    }
  }
}

extension NetworkShape {
  /// The layout of the network's tensors.
  package var layout: ParameterLayout {
    var builder = ParameterBuilder()
    _ = NetworkParameters(&builder, self)
    return builder.layout
  }
}

extension BackboneShape {
  /// The layout of the backbone's tensors, which is also the beginning of a network's layout.
  package var layout: ParameterLayout {
    var builder = ParameterBuilder()
    _ = builder.scope("backbone") { VisionTransformer.Parameters(&$0, self) }
    return builder.layout
  }
}
