import Settings
import Recipe
import Testing

/// A text that is not a recipe, and the expected error.
struct BadInput: Sendable, CustomTestStringConvertible {
  var yaml: String
  var overrides: [String] = []
  var says: String

  init(_ yaml: String, set: String..., says: String) {
    self.yaml = yaml
    self.overrides = set
    self.says = says
  }

  var testDescription: String { says }
}

/// Each row is one mistake, with the whole error message.
let badInputs: [BadInput] = [
  // Distillation.
  BadInput(
    "distillation:\n  arch: [vit_tiny, vit_tiny]",
    says: "r.yaml:2: distillation.arch: names vit_tiny twice"),
  BadInput(
    "distillation:\n  arch: [vit_tiny, vit_mini]",
    says: "r.yaml:2: distillation.arch: must be one of vit_tiny, vit_small, vit_base, vit_large, "
      + "vit_giant2; not vit_mini"),
  BadInput(
    "distillation:\n  teacher: moths\n  arch: vit_tiny\nstudent:\n  depth: 3",
    says: "r.yaml:5: student.embed_dim: the size of one student, but distillation.arch names "
      + "architectures: set student.embed_dim, student.depth and student.num_heads to 0, or "
      + "distillation.arch to []"),
  BadInput(
    "distillation:\n  teacher: moths\n  arch: [vit_tiny, vit_small]",
    set: "student.pretrained_weights=x.pth",
    says: "--set student.pretrained_weights=x.pth: weights of one architecture, but "
      + "distillation.arch names vit_tiny and vit_small; start a run for each"),
  // Sizes that no machine has the memory for, by their tokens or by their tokens' width.
  BadInput(
    "student: {arch: custom, embed_dim: 32, depth: 1, num_heads: 2, patch_size: 4}",
    set: "crops.global_crops_size=4096", "train.batch_size_per_gpu=65536",
    says:
      "--set train.batch_size_per_gpu=65536: 65536 images have 137741598720 tokens, more than can be "
      + "computed at once; use a smaller batch, smaller crops or larger patches"),
  BadInput(
    "student: {arch: custom, embed_dim: 65536, depth: 1024, num_heads: 1024, patch_size: 16}",
    set: "train.batch_size_per_gpu=8192",
    says:
      "--set train.batch_size_per_gpu=8192: 8192 images have 5652480 tokens, more than can be "
      + "computed at once; use a smaller batch, smaller crops or larger patches"),
  BadInput(
    "crops:\n  global_crops_size: 4096\nstudent:\n  patch_size: 4",
    set: "train.batch_size_per_gpu=65536",
    says:
      "--set train.batch_size_per_gpu=65536: 65536 images have 137741598720 tokens, more than can be "
      + "computed at once; use a smaller batch, smaller crops or larger patches"),
  // Names.
  BadInput(
    "optim:\n  base_lrr: 0.1",
    says: "r.yaml:2: optim.base_lrr: unknown key; did you mean optim.base_lr?"),
  BadInput("lr: 0.1", says: "r.yaml:1: lr: unknown key; did you mean optim.base_lr?"),
  BadInput(
    "train:\n\n  batch_size: 8",
    says: "r.yaml:3: train.batch_size: unknown key; did you mean train.batch_size_per_gpu?"),
  BadInput(
    "student: {koleo_loss_weight: 1}",
    says: "r.yaml:1: student.koleo_loss_weight: unknown key; did you mean dino.koleo_loss_weight?"),
  BadInput(
    "train:\n  official_epoch_length: 8",
    says: "r.yaml:2: train.official_epoch_length: unknown key; "
      + "did you mean train.OFFICIAL_EPOCH_LENGTH?"),
  BadInput(
    "teacher:\n  zebra: 8",
    says: "r.yaml:2: teacher.zebra: unknown key; teacher has teacher.momentum_teacher, "
      + "teacher.final_momentum_teacher, teacher.warmup_teacher_temp, teacher.teacher_temp, "
      + "teacher.warmup_teacher_temp_epochs"),
  BadInput(
    "xyzzyxyzzy: 8",
    says: "r.yaml:1: xyzzyxyzzy: unknown key; the groups are dino, ibot, train, student, teacher, "
      + "optim, crops, objective, data, distillation, probe, session, guard, notify"),
  BadInput(
    "optim:\n  epochs: 5\n  warmup_epochs: 1\n  epochs: 6",
    says: "r.yaml:4: optim.epochs: given twice, first on line 2"),
  BadInput(
    "optim:\n  epochs: 5\ncrops:\noptim:\n  min_lr: 0",
    says: "r.yaml:4: optim: given twice, first on line 1"),
  BadInput("? [a]\n: b", says: "r.yaml:1: a key must be a word"),
  BadInput(
    "? \(String(repeating: "a", count: 5000))\n: b", says: "r.yaml:1: a key must be a word"),
  BadInput(
    "optim: {base_lr: \"a\\n\\e[2J\"}",
    says: "r.yaml:1: optim.base_lr: must be a number, not \"a\\n\\x1b[2J\""),
  BadInput(
    "optim: 5", says: "r.yaml:1: optim: must be a group of keys, indented under it, not 5"),

  // Types.
  BadInput(
    "optim: {base_lr: fast}", says: "r.yaml:1: optim.base_lr: must be a number, not fast"),
  BadInput(
    "optim: {base_lr: '0.1'}", says: "r.yaml:1: optim.base_lr: must be a number, not \"0.1\""),
  BadInput("optim: {base_lr: }", says: "r.yaml:1: optim.base_lr: must be a number, not nothing"),
  BadInput("optim: {base_lr: .nan}", says: "r.yaml:1: optim.base_lr: must be a number, not .nan"),
  BadInput("optim: {base_lr: 0x1p3}", says: "r.yaml:1: optim.base_lr: must be a number, not 0x1p3"),
  BadInput(
    "optim: {base_lr: 1e999}",
    says: "r.yaml:1: optim.base_lr: must be a finite number, not 1e999"),
  BadInput(
    "train: {seed: 010}", says: "r.yaml:1: train.seed: must be a whole number, not 010"),
  BadInput(
    "train: {batch_size_per_gpu: 32.0}",
    says: "r.yaml:1: train.batch_size_per_gpu: must be a whole number, not 32.0"),
  BadInput(
    "ibot: {separate_head: yes}",
    says: "r.yaml:1: ibot.separate_head: must be true or false, not yes"),
  BadInput(
    "ibot:\n  mask_ratio_min_max: 0.3",
    says: "r.yaml:2: ibot.mask_ratio_min_max: must be a list of 2 numbers, not 0.3"),
  BadInput(
    "crops: {local_crops_scale: [0.1, big]}",
    says: "r.yaml:1: crops.local_crops_scale: must be a number, not big"),
  BadInput(
    "session: {name: {a: b}}",
    says: "r.yaml:1: session.name: must be text, not a group of keys"),
  BadInput("data: {path: ~}", says: "r.yaml:1: data.path: must be text, not nothing"),

  // Values.
  BadInput(
    "student:\n  arch: vit_huge",
    says: "r.yaml:2: student.arch: must be one of vit_tiny, vit_small, vit_base, vit_large, "
      + "vit_giant2, custom; not vit_huge"),
  BadInput(
    "train: {centering: sinkhorn}",
    says: "r.yaml:1: train.centering: must be one of centering, sinkhorn_knopp; not sinkhorn"),
  BadInput(
    "student: {drop_path_rate: 1}",
    says: "r.yaml:1: student.drop_path_rate: must be at least 0 and below 1, not 1"),
  BadInput(
    "teacher: {momentum_teacher: 0}",
    says: "r.yaml:1: teacher.momentum_teacher: must be above 0 and at most 1, not 0"),
  BadInput(
    "teacher: {momentum_teacher: 1.01}",
    says: "r.yaml:1: teacher.momentum_teacher: must be above 0 and at most 1, not 1.01"),
  BadInput(
    "student: {layerscale: 0}", says: "r.yaml:1: student.layerscale: must be above 0, not 0"),
  BadInput(
    "train: {batch_size_per_gpu: 0}",
    says: "r.yaml:1: train.batch_size_per_gpu: must be from 1 to 65536, not 0"),
  BadInput(
    "ibot: {mask_ratio_min_max: [0.6, 0.2]}",
    says: "r.yaml:1: ibot.mask_ratio_min_max: must begin with the smaller number, not with 0.6"),
  BadInput(
    "crops: {global_crops_scale: [0.5, 1.5]}",
    says: "r.yaml:1: crops.global_crops_scale: must be above 0 and at most 1, not 1.5"),
  BadInput(
    "session: {name: a/b}",
    says: "r.yaml:1: session.name: must be up to 64 of a-z A-Z 0-9 . _ -, and not begin with . "
      + "or -"),
  BadInput(
    "data: {path: '${HOME}/a'}",
    says: "r.yaml:1: data.path: contains ${...}, which is not expanded; write the value out"),

  // Contradictions between keys.
  BadInput(
    "student:\n  patch_size: 14\ncrops:\n  global_crops_size: 220\n  local_crops_size: 98",
    says: "r.yaml:4: crops.global_crops_size: 220 is not a multiple of the patch size 14 "
      + "(student.patch_size); nearest: 224"),
  BadInput(
    "student:\n  patch_size: 14\n",
    says: "r.yaml:2: crops.local_crops_size: 96 is not a multiple of the patch size 14 "
      + "(student.patch_size); nearest: 98"),
  BadInput(
    "student:\n  arch: custom\n  embed_dim: 96\n  depth: 3",
    says: "r.yaml:2: student.arch: custom needs student.embed_dim, student.depth and "
      + "student.num_heads"),
  BadInput(
    "student:\n  arch: vit_small\n  num_heads: 7",
    says: "r.yaml:3: student.embed_dim: 384 is not a multiple of 7 heads (student.num_heads); "
      + "nearest: 385"),
  BadInput(
    "optim:\n  epochs: 5",
    says: "r.yaml:2: optim.warmup_epochs: 10 is longer than the run (optim.epochs: 5)"),
  BadInput(
    "optim:\n  epochs: 0.0001\n  warmup_epochs: 0",
    says: "r.yaml:2: optim.epochs: 0.0001 of 1250 steps (train.OFFICIAL_EPOCH_LENGTH) is less than "
      + "one step"),
  BadInput(
    "train:\n  batch_size_per_gpu: 1",
    says: "r.yaml:2: dino.koleo_loss_weight: KoLeo compares the images of a batch; it needs "
      + "train.batch_size_per_gpu of at least 2"),
  BadInput(
    "probe:\n  train_images: 10",
    says: "r.yaml:2: probe.k: 20 neighbours cannot be found among 10 images (probe.train_images)"),

  // Official keys with a value that is not supported.
  BadInput(
    "student: {drop_path_uniform: 0}",
    says: "r.yaml:1: student.drop_path_uniform: must be true or false, not 0"),
  BadInput(
    "student:\n  arch: vit_small\n  block_chunks: 13",
    says: "r.yaml:3: student.block_chunks: 13 groups, but only 12 blocks"),
  BadInput(
    "dino: {koleo_crops: second}",
    says: "r.yaml:1: dino.koleo_crops: must be one of both, first; not second"),
  BadInput(
    "train: {accumulation_steps: 0}",
    says: "r.yaml:1: train.accumulation_steps: must be from 1 to 65536, not 0"),
  BadInput(
    "MODEL: {WEIGHTS: a.pth}",
    says:
      "r.yaml:1: MODEL.WEIGHTS: must be \"\", not a.pth: it names a checkpoint to resume from, "
      + "but a run is resumed by its name; the initial weights of a new run have another key; "
      + "set student.pretrained_weights"),
  BadInput(
    "student: {qkv_bias: false}",
    says: "r.yaml:1: student.qkv_bias: must be true, not false: attention always has "
      + "biases"),
  BadInput(
    "optim: {lr: 0.002}",
    says: "r.yaml:1: optim.lr: must be 0 or 0.001, not 0.002: it is computed from optim.base_lr "
      + "by optim.scaling_rule; set optim.base_lr"),

  // Texts that are not recipes.
  BadInput(
    "", says: "r.yaml: empty; a recipe needs at least one group of keys, such as student:"),
  BadInput(
    "# only\n---\n",
    says: "r.yaml: empty; a recipe needs at least one group of keys, such as student:"),
  BadInput(
    "- a\n- b",
    says: "r.yaml:1: a list of 2 is not a mapping; a recipe is groups of keys, such as student:"),
  BadInput(
    "\nhello",
    says: "r.yaml:2: hello is not a mapping; a recipe is groups of keys, such as student:"),
  BadInput(
    "optim:\n  base_lr: 0.1: 0.2",
    says: "r.yaml:2: not YAML: mapping values are not allowed in this context"),
  BadInput(
    "optim:\n\tbase_lr: 0.1",
    says:
      "r.yaml:2: not YAML: while scanning for the next token from line 2, found character "
      + "that cannot start any token"),
  BadInput(
    "optim: {base_lr: 0.1,\n",
    says: "r.yaml:1: not YAML: while parsing a flow node from line 1, did not find expected "
      + "node content"),
  BadInput(
    "optim:\n  base_lr: \u{1}",
    says: "r.yaml:2: not UTF-8 text: control characters are not allowed"),
  BadInput(
    "dino: {loss_weight: 1}\n---\nibot: {loss_weight: 1}",
    says: "r.yaml:2: a second document begins; the file must be one"),
  BadInput(
    "dino: &a\n  loss_weight: 1",
    says: "r.yaml:1: anchors (&name) are not supported; write the value out at each place"),
  BadInput(
    "dino:\n  loss_weight: *a",
    says: "r.yaml:2: aliases (*name) are not supported; write the value out"),
  BadInput(
    "dino:\n  loss_weight: !!float 1",
    says: "r.yaml:2: tags (!name) are not supported; leave them out"),
  BadInput(
    "dino: [[[[[[[[[[[[]]]]]]]]]]]]", says: "r.yaml:1: nested more than 8 levels deep"),
]

@Suite("Bad input")
struct BadInputTests {
  @Test("is refused with place, key and remedy", arguments: badInputs + badOverrides + badChannels)
  func refused(_ input: BadInput) {
    #expect(throws: SettingError.self) {
      _ = try Recipe.parse(yaml: input.yaml, name: "r.yaml", overrides: input.overrides)
    }
    do {
      _ = try Recipe.parse(yaml: input.yaml, name: "r.yaml", overrides: input.overrides)
    } catch { #expect(error.description == input.says) }
  }

  @Test("a hundred thousand open brackets are refused, not recursed into")
  func deep() {
    #expect(refusal(String(repeating: "[", count: 100_000)) != nil)
    #expect(refusal(String(repeating: "{a: ", count: 100_000)) != nil)
  }
}
