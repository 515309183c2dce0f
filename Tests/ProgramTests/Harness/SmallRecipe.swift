/// A recipe whose steps take a millisecond or two, so that a whole training fits in a test.
///
/// It has everything that a resumed run could get wrong: stochastic depth, masks, moving centres
/// and schedules that change at every step.
enum SmallRecipe {
  static let steps = 400

  static let text = """
    student:
      arch: custom
      embed_dim: 32
      depth: 1
      num_heads: 2
      patch_size: 6
      drop_path_rate: 0.2
      layerscale: 1
    crops:
      global_crops_size: 24
      local_crops_size: 12
      local_crops_number: 2
    dino: {head_n_prototypes: 64, head_hidden_dim: 32, head_bottleneck_dim: 16}
    ibot:
      separate_head: true
      head_n_prototypes: 64
      head_hidden_dim: 32
      head_bottleneck_dim: 16
    train:
      batch_size_per_gpu: 4
      OFFICIAL_EPOCH_LENGTH: 40
      centering: centering
      num_workers: 1
    optim: {epochs: 10, warmup_epochs: 1, base_lr: 1.0e-3, scaling_rule: none}
    teacher: {warmup_teacher_temp_epochs: 3}
    data: {path: embedded, embedded_size: 24, embedded_images: 1000}
    probe: {every: 100, train_images: 40, test_images: 20, k: 5}
    session: {checkpoint_every: 10, checkpoint_keep: 3, threads: 1}

    """
}
