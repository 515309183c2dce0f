/// A form in which weights leave, each for those who load it.
package enum ExportFormat: String, CaseIterable, Sendable {
  /// `AutoModel.from_pretrained`
  case huggingface
  /// `timm.create_model("local-dir:…")`
  case timm
  /// The official code: `torch.load`, its names, the backbone alone.
  case dinov2
  /// Dino: official names below `backbone.`, and the heads.
  case safetensors
}
