/// The names of tensors in models that other modules wrap.
enum WrappedName {
  /// The components that wrappers put into names, each anywhere in a name.
  private static let components: Set<Substring> = [
    // DataParallel, DistributedDataParallel, AveragedModel.
    "module",
    // torch.compile.
    "_orig_mod",
    // Activation checkpointing.
    "_checkpoint_wrapped_module",
    // FullyShardedDataParallel, now and before PyTorch 2.
    "_fsdp_wrapped_module", "_fpw_module",
    // Lightning's Fabric and DeepSpeed.
    "_forward_module", "_original_module",
  ]

  /// Returns a name without the components of wrappers: `module.blocks.0._orig_mod.norm1.weight`
  /// becomes `blocks.0.norm1.weight`.
  static func unwrapped(_ name: String) -> String {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.contains(where: { components.contains($0) }) else { return name }
    return parts.filter { !components.contains($0) }.joined(separator: ".")
  }
}
