"""A run of the tests' size in a folder of its own, for the scripts that try the programs."""

import json
import os
import subprocess
from pathlib import Path

PROGRAMS = Path(os.environ.get("DINO_PROGRAMS") or Path(__file__).resolve().parent.parent / ".build/release")

# A step takes a millisecond or two. Scripts change single keys of it.
RECIPE = """
student: {arch: custom, embed_dim: 32, depth: 1, num_heads: 2, patch_size: 6, drop_path_rate: 0, layerscale: 1}
crops: {global_crops_size: 24, local_crops_size: 12, local_crops_number: 2}
dino: {head_n_prototypes: 64, head_hidden_dim: 32, head_bottleneck_dim: 16}
ibot: {separate_head: true, head_n_prototypes: 64, head_hidden_dim: 32, head_bottleneck_dim: 16}
train: {batch_size_per_gpu: 4, OFFICIAL_EPOCH_LENGTH: 1000000, centering: sinkhorn_knopp, num_workers: 1}
optim: {epochs: 1, warmup_epochs: 0, base_lr: 1.0e-3, scaling_rule: none}
teacher: {warmup_teacher_temp_epochs: 0}
data: {path: embedded, embedded_size: 24, embedded_images: 1000}
probe: {every: 5000, train_images: 40, test_images: 20, k: 5}
session: {checkpoint_every: 100000, threads: 1}
guard: {rewind: []}
"""


class SmallRun:
    """The programs with all their folders below one."""

    def __init__(self, folder: Path, recipe: str = RECIPE) -> None:
        self.folder, self.recipe = folder, folder / "recipe.yaml"
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "XDG_STATE_HOME": str(folder / "state"),
                            "XDG_CONFIG_HOME": str(folder / "config"), "HOME": str(folder), "LC_ALL": "C.UTF-8"}
        self.recipe.write_text(recipe)

    def start(self, program: str, words: list, output: str = "output", **more) -> subprocess.Popen:
        """Starts a program; what it prints is added to a file."""
        with open(self.folder / output, "ab") as file:
            return subprocess.Popen([PROGRAMS / program, *words], env=self.environment, stdout=file, stderr=file, **more)

    def train(self, keys: list = (), words: list = (), **more) -> subprocess.Popen:
        """Trains the recipe as the run `run`, with some keys changed."""
        sets = [word for key in keys for word in ("--set", key)]
        return self.start("dinod", ["train", self.recipe, "--name", "run", "--quiet", *sets, *words], **more)

    def dino(self, *words: str) -> str:
        """What a command prints."""
        return subprocess.run([PROGRAMS / "dino", *words], env=self.environment, capture_output=True, text=True).stdout

    def status(self) -> dict:
        """The status of the run; empty until there is one."""
        try:
            return json.loads(self.dino("status", "run", "--json"))["status"]
        except (json.JSONDecodeError, KeyError):
            return {}

    def step(self) -> int:
        return self.status().get("step", 0)
