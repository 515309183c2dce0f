import Kernels
import Model
import Tensor

/// Passes of a teacher or a student's average over images, between steps. They overwrite the activations of
/// the last step.
extension Engine {
  /// The tokens whose features are wanted.
  package enum Tokens: Sendable { case cls, patches }

  /// The features [images, D] of CLS tokens, or those of patches [images · patches, D], that the teacher or a
  /// student's average gives for views [images, channels, size, size] of the global crops' size.
  package func embed(
    _ views: [Float], _ tokens: Tokens = .cls, by part: Part = .teacher, student: Int = 0
  ) -> [Float] {
    let pass = network(part, student).pass
    var features: [Float] = []
    var left = 0
    forward(views, in: pass.rows(of: tokens), by: part, student: student) { images, turn, found in
      if turn == 0 { left = images * (tokens == .cls ? 1 : pass.groups[0].patchesEach) }
      let taken = min(left, found.rows)
      features += kernels.download(found.first(taken))
      left -= taken
    }
    return features
  }

  /// How the CLS tokens of views attend to their patches in the last block, [images, patches]; the mean over
  /// heads. Empty if the network has no blocks.
  package func clsAttention(
    _ views: [Float], by part: Part = .teacher, student: Int = 0
  ) -> [Float] {
    let pass = network(part, student).pass
    var weights: [Float] = []
    // Each pass computes all sequences, whatever it returns.
    forward(views, in: [pass.rows(of: .cls)[0]], by: part, student: student) { images, _, _ in
      weights += pass.clsAttention(kernels, crops: images)
    }
    return weights
  }

  /// Computes views, as many at a time as a pass has crops, and for each lot the rows of some lists of tokens.
  ///
  /// - Parameter take: is given the number of images of a lot, which of the lists it is, and its features.
  private func forward(
    _ views: [Float], in lists: [[Int32]], by part: Part, student: Int,
    _ take: (_ images: Int, _ turn: Int, _ features: Matrix) -> Void
  ) {
    let network = network(part, student)
    let (group, input) =
      part == .teacher ? (shape.teacherCrops, teacherInput) : (shape.globalCrops, input)
    let each = group.patchesEach * network.shape.backbone.patchElements
    let lots = (views.count + group.count * each - 1) / (group.count * each)
    announce(.embed(part, student: student, passes: lots * lists.count))
    window = nil
    network.pass.prepare(kernels)
    for start in stride(from: 0, to: views.count, by: group.count * each) {
      let end = min(start + group.count * each, views.count)
      // The pass has a fixed number of crops: the last one is padded.
      let filling = [Float](repeating: 0, count: group.count * each - (end - start))
      input.load(kernels, Array(views[start..<end]) + filling, group: 0)
      for (turn, rows) in lists.enumerated() {
        take(
          (end - start) / each, turn,
          network.features(
            kernels, patches: input.patches, masks: nil, keep: nil, rows: rows, withHeads: false))
      }
    }
  }
}

extension BackbonePass {
  /// The packed rows of all tokens of a kind of the first group, in as many lists as passes are needed for them.
  fileprivate func rows(of tokens: Engine.Tokens) -> [[Int32]] {
    var rows: [Int32] = []
    switch tokens {
    case .cls: addClsRows(group: 0, to: &rows)
    case .patches: addPatchRows(group: 0, Array(0..<groups[0].patches), to: &rows)
    }
    let most = features.rows
    return stride(from: 0, to: rows.count, by: most).map {
      Array(rows[$0..<min($0 + most, rows.count)])
    }
  }
}
