/// A format in which weights are exported.
package enum ExportFormat: String, CaseIterable, Sendable {
  /// Hugging Face transformers: `AutoModel.from_pretrained`.
  case huggingface
  /// timm: `timm.create_model("local-dir:…")`.
  case timm
  /// The official code: `torch.load`, official names, the backbone only.
  case dinov2
  /// Dino: a safetensors file with the official names under `backbone.`, and the heads.
  case safetensors
  /// ONNX: a graph from pixels to features that runtimes compute without Python.
  case onnx
}
