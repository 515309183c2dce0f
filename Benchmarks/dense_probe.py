"""k-NN of patches: which texture does a patch of a mosaic show? Needs numpy, Pillow and safetensors."""

import subprocess
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import load_file

SIDE, PATCH, TILE = 64, 4, 32
"""Pixels of a mosaic's side, of a patch's and of each of the four tiles'."""
MOSAICS, VOTERS, ASKED, NEIGHBOURS, TEMPERATURE = 400, 30_000, 10_000, 20, 0.07


class DenseProbe:
    """Mosaics of four textures each, some whose patches vote and others whose patches are judged."""

    def __init__(self, dinod, recipe, folder):
        self.dinod, self.folder = dinod, folder
        generator = np.random.default_rng(0)
        self.labels = {part: self._mosaics(part, recipe, generator) for part in ("bank", "queries")}

    def _mosaics(self, part, recipe, generator):
        """Makes a part's mosaics; gives the class of each patch [mosaics, patches]."""
        textures = self.folder / f"textures-{part}"
        if not textures.exists():
            subprocess.run(
                [self.dinod, "images", recipe, "--to", textures, "--of", part, "--count", "2000",
                 "--set", "probe.train_images=2000", "--set", "probe.test_images=2000"],
                check=True, capture_output=True)
        folders = sorted(path for path in textures.iterdir() if path.is_dir())
        files = [(number, file) for number, path in enumerate(folders)
                 for file in sorted(path.glob("*.png"))]
        self.classes = len(folders)
        target = self.folder / f"mosaics-{part}"
        target.mkdir(exist_ok=True)
        tiles, grid = SIDE // TILE, TILE // PATCH
        labels = []
        for number in range(MOSAICS):
            mosaic = np.zeros((SIDE, SIDE, 3), np.uint8)
            classes = np.zeros((SIDE // PATCH, SIDE // PATCH), int)
            for place in range(tiles * tiles):
                label, file = files[generator.integers(len(files))]
                texture = np.asarray(Image.open(file))
                y, x = generator.integers(0, SIDE - TILE + 1, 2)
                row, column = place // tiles, place % tiles
                mosaic[row * TILE:(row + 1) * TILE, column * TILE:(column + 1) * TILE] = (
                    texture[y:y + TILE, x:x + TILE])
                classes[row * grid:(row + 1) * grid, column * grid:(column + 1) * grid] = label
            Image.fromarray(mosaic).save(target / f"{number:05}.png")
            labels.append(classes.ravel())
        return np.stack(labels)

    def _features(self, run, runs, part):
        """Features of a part's patches [mosaics x patches, width], of length 1."""
        target = self.folder / f"{run}-{part}.safetensors"
        target.unlink(missing_ok=True)
        subprocess.run(
            [self.dinod, "embed", run, self.folder / f"mosaics-{part}", "--to", target, "--tokens",
             "patches", "--size", str(SIDE), "--resize", str(SIDE), "--batch", "64", "--dir", runs],
            check=True, capture_output=True)
        features = next(value for value in load_file(target).values() if value.ndim >= 3)
        target.unlink()
        features = features.reshape(-1, features.shape[-1])
        return features / np.linalg.norm(features, axis=1, keepdims=True)

    def accuracy(self, run, runs):
        """Share of the judged patches whose neighbours name their texture."""
        chosen = np.random.default_rng(1)
        bank, queries = (self._features(run, runs, part) for part in ("bank", "queries"))
        voters = chosen.choice(len(bank), VOTERS, replace=False)
        asked = chosen.choice(len(queries), ASKED, replace=False)
        similar = queries[asked] @ bank[voters].T
        nearest = np.argpartition(-similar, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        weights = np.exp(np.take_along_axis(similar, nearest, 1) / TEMPERATURE)
        classes = self.labels["bank"].ravel()[voters][nearest]
        votes = np.zeros((ASKED, self.classes))
        for neighbour in range(NEIGHBOURS):
            np.add.at(votes, (np.arange(ASKED), classes[:, neighbour]), weights[:, neighbour])
        return float((votes.argmax(1) == self.labels["queries"].ravel()[asked]).mean())


def probe(dinod, recipe, folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return DenseProbe(dinod, recipe, folder)
