/// Values on the command line that cannot be used, and what is said about them.
let badOverrides: [BadInput] = [
  BadInput(
    "dino:", set: "optim.base_lr=abc", says: "--set optim.base_lr=abc: must be a number, not abc"),
  BadInput(
    "dino:", set: "optim.base_lr",
    says: "--set optim.base_lr: must be KEY=VALUE, such as "
      + "optim.base_lr=0.001"),
  BadInput("dino:", set: "=3", says: "--set =3: must be KEY=VALUE, such as optim.base_lr=0.001"),
  BadInput("dino:", set: "lr=1", says: "--set lr=1: unknown key; did you mean optim.base_lr?"),
  BadInput(
    "dino:", set: "probe=3",
    says: "--set probe=3: a group of keys; set one of probe.every, probe.k, probe.temperature, "
      + "probe.train_images, probe.test_images, probe.linear, probe.label_free, probe.masks_path, "
      + "probe.pictures"),
  BadInput(
    "dino:", set: "data.mean=[1, 2",
    says:
      "--set data.mean=[1, 2: not YAML: while parsing a flow sequence from line 1, did not find "
      + "expected ',' or ']'"),
  BadInput(
    "crops:\n  global_crops_size: 224", set: "student.patch_size=13",
    says: "--set student.patch_size=13: crops.global_crops_size: 224 is not a multiple of the "
      + "patch size 13 (student.patch_size); nearest: 221"),
]
