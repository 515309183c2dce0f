import Kernels
import Tensor

/// Crops of one size: their number, and the grid of patches of each.
package struct CropGroup: Sendable, Equatable {
  package var count: Int
  package var rows: Int
  package var columns: Int

  package init(count: Int, rows: Int, columns: Int) {
    self.count = count
    self.rows = rows
    self.columns = columns
  }

  /// Square crops of `size` pixels.
  package init(count: Int, size: Int, patch: Int) {
    self.init(count: count, rows: size / patch, columns: size / patch)
  }

  /// The grid of patches of one crop.
  package var grid: GridSize { GridSize(rows: rows, columns: columns) }
  /// The patches of one crop.
  package var patchesEach: Int { rows * columns }
  /// The patches of all crops.
  package var patches: Int { count * patchesEach }

  /// Its crops as sequences of tokens.
  package func sequences(_ shape: BackboneShape) -> SequenceGroup {
    SequenceGroup(count: count, length: shape.leadingTokens + patchesEach)
  }
}

/// Crops cut into patches, the common input of students and teacher.
package struct PatchInput {
  package let groups: [CropGroup]
  private let patchSize: Int
  private let staging: Buffer
  /// The patches of each group: [patches, channels·patch²].
  package let patches: [Matrix]

  /// Plans the buffers for the patches of some groups of crops.
  package init(_ plan: ArenaPlan, groups: [CropGroup], _ shape: BackboneShape) {
    self.groups = groups
    patchSize = shape.patchSize
    let elements = shape.patchElements
    patches = groups.map { plan.matrix($0.patches, elements) }
    staging = plan.buffer((groups.map(\.patches).max() ?? 0) * elements)
  }

  /// Uploads the images of a group [count, channels, rows·patch, columns·patch] and cuts them into patches.
  package func load(_ kernels: any Kernels, _ images: [Float], group: Int) {
    let shape = groups[group]
    let target = staging[0..<patches[group].buffer.count]
    precondition(images.count == target.count)
    kernels.upload(images, to: target)
    kernels.patchify(
      target, patch: patchSize, rows: shape.rows, columns: shape.columns, into: patches[group])
  }
}
