import Foundation
import Model
import Store
import TestSupport
import Testing
import Weights

@Suite struct PyTorchFileTests {
  let folder = TemporaryFolder()

  /// The value that `Fixtures/make.py` gives an element of the tensor with index `place`.
  private func value(_ element: Int, _ place: Int) -> Float {
    Float((element * 37 + place) % 251 - 125) / 8
  }

  @Test("a checkpoint of torch.save is read, whatever its types, strides and storages")
  func fixture() throws {
    let fixture = Bundle.module.url(forResource: "Fixtures/teacher", withExtension: "pth")!
    try FileManager.default.copyItem(atPath: fixture.path, toPath: folder.file("teacher.pth"))
    folder.write(#"{"num_attention_heads": 2}"#, to: "config.json")
    let weights = try BackboneWeights.read(folder.file("teacher.pth"))
    #expect(
      weights.shape
        == BackboneShape(
          embedDim: 8, depth: 2, numHeads: 2, patchSize: 2, grid: 2, hiddenWidth: 32))
    #expect(weights.source.missing == [])
    #expect(weights.source.leftOver == ["steps"])
    for (place, parameter) in weights.shape.layout.parameters.enumerated() {
      let expected = (0..<parameter.range.count).map { value($0, place) }
      #expect(Array(weights.values[parameter.range]) == expected, "\(parameter.name)")
    }
    #expect(
      try WeightsExport(WeightsInput.open(folder.file("teacher.pth")), withHeads: true)
        .headNames == ["dino_head.last_layer.weight_g"])
  }

  @Test("the student is read where it is asked for, and the teacher where nothing is")
  func which() throws {
    let path = folder.file("both.safetensors")
    let tensors = Sample.plain.tensors
    try SafetensorsWriter.write(
      tensors.map { .floats("teacher.backbone." + $0.name, $0.shape, $0.values) }
        + tensors.map { .floats("student.backbone." + $0.name, $0.shape, $0.values.map { -$0 }) },
      metadata: ["num_heads": "3"], to: path)
    let teacher = try BackboneWeights.read(path)
    let student = try BackboneWeights.read(path, which: .student)
    #expect(teacher.values[0] == -99.984375)
    #expect(student.values == teacher.values.map { -$0 })
  }
}
