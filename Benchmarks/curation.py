#!/usr/bin/env python3
"""Asks what curation is worth to training: trains the same recipe, for the same number of steps, on a curated set
and on what a person would have without it, both at the same time with one thread each, and compares their k-NN.

    Benchmarks/curation.py retrieval --cifar DIR --photographs DIR --to DIR [--seeds 0,1,2] [--steps N]
    Benchmarks/curation.py copies    --cifar DIR --to DIR [--seeds 0,1,2] [--steps N]

retrieval   a heap of parts of photographs, built-in textures and a few images of CIFAR-10; images like some examples
            of each class are retrieved, by the features of a network that was trained on the heap for --heap-steps.
            Against as many random images of the heap.
copies      a heap of images of CIFAR-10, half of which are changed copies of a few of them; `duplicates` removes
            copies. Against the heap as it is.

DIR of --cifar has train/CLASS/*.png (or JPEG). What is finished in --to is not done again. The k-NN is that of `dinod
eval knn` with 10,000 images of CIFAR-10 that are not in the heap as queries and the others as voters, k 20. Needs `make build`, NumPy and Pillow.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

ROOT = Path(__file__).resolve().parent.parent
DINOD = Path(os.environ.get("DINO_PROGRAMS") or ROOT / ".build/release") / "dinod"
RECIPE = ROOT / "sessions/cifar10.yaml"
EPOCH = 50
"""Steps of an epoch of the recipe."""
SMALLER = ["student.embed_dim=128", "student.num_heads=2", "ibot.loss_weight=0", "ibot.mask_sample_probability=0",
           "probe.every=0", "session.checkpoint_every=1000", "session.checkpoint_keep=1"]


def dinod(options, *words, log=None):
    """Starts a command whose runs and pools are below --to."""
    environment = {**os.environ, "XDG_STATE_HOME": str(options.to / "state")}
    out = open(log, "w") if log else subprocess.PIPE
    return subprocess.Popen([DINOD, *map(str, words)], stdout=out, stderr=subprocess.STDOUT if log else None, text=True,
                            env=environment)


def done(process):
    output, _ = process.communicate()
    if process.returncode:
        sys.exit(f"curation: {' '.join(process.args[1:3])} ended with {process.returncode}\n{output or ''}")
    return output


def images(folder):
    return sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in {".png", ".jpg", ".jpeg"})


def training(options, name, data, steps, threads, seed):
    run = options.to / "state/dino/runs" / name
    finished = run / "finished"
    words = ["train", name] if run.exists() else ["train", RECIPE, "--name", name]
    settings = [] if run.exists() else [
        *SMALLER, f"data.path={data}", f"optim.epochs={steps / EPOCH}", f"train.seed={seed}",
        f"session.threads={threads}", f"train.num_workers={threads}", *options.set]
    words += [word for setting in settings for word in ("--set", setting)]
    return None if finished.exists() else dinod(options, *words, log=options.to / f"{name}.log"), finished


def train(options, *arms):
    """Trains all at once."""
    started = [training(options, *arm) for arm in arms]
    for process, finished in started:
        if process:
            done(process)
            finished.touch()


def accuracy(options, name):
    report = options.to / f"{name}.json"
    if not report.exists():
        report.write_text(done(dinod(
            options, "eval", "knn", name, options.to / "voters", options.to / "queries", "--k", "20",
            "--precision", "auto", "--batch", "64", "--json")))
    return next(row["accuracy"] for row in json.loads(report.read_text())["results"] if row["k"] == 20)


def write_list(path, files):
    with open(path, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["file"])
        writer.writerows([file] for file in files)
    return path


def drawn(options, per_class, seed):
    """Training images of each class in an order of the seed, `per_class` of them. Of those that are left, 1,000 are the
    queries of the k-NN, and the others vote."""
    order = random.Random(seed)
    chosen = {}
    for folder in sorted((options.cifar / "train").iterdir()):
        every = images(folder)
        shuffled = order.sample(every, len(every))
        chosen[folder.name], left = shuffled[:per_class], shuffled[per_class:]
        for kind, files in (("queries", left[:1000]), ("voters", left[1000:])):
            (options.to / kind / folder.name).mkdir(parents=True, exist_ok=True)
            for file in files:
                (options.to / kind / folder.name / file.name).symlink_to(file.resolve())
    return chosen


# retrieval

def parts_of_photographs(options, folder, count):
    """Square parts of photographs in 32 pixels, each from an eighth to the whole of the shorter side."""
    draw = np.random.default_rng(1)
    photographs = images(options.photographs)
    for number in range(count):
        with Image.open(photographs[number % len(photographs)]) as picture:
            side = int(min(picture.size) * draw.uniform(0.125, 1))
            x, y = (int(draw.integers(0, length - side + 1)) for length in picture.size)
            picture.convert("RGB").crop((x, y, x + side, y + side)).resize((32, 32), Image.Resampling.BICUBIC).save(
                folder / f"{number:05}.png")


def textures(options, folder, count):
    done(dinod(options, "images", RECIPE, "--to", folder, "--count", count, "--set", "data.path=embedded",
               "--set", "data.embedded_size=32"))


def mixed_heap(options):
    """Heap and examples, as folders."""
    heap, examples = options.to / "heap", options.to / "examples"
    if (options.to / "heap.done").exists():
        return heap, examples
    for name, make, count in (("photographs", parts_of_photographs, options.parts), ("textures", textures, options.textures)):
        (heap / name).mkdir(parents=True, exist_ok=True)
        make(options, heap / name, count)
    for label, files in drawn(options, options.wanted + options.examples, 2).items():
        for folder, chosen in ((heap / "wanted", files[:options.wanted]), (examples / label, files[options.wanted:])):
            folder.mkdir(parents=True, exist_ok=True)
            for file in chosen:
                with Image.open(file) as picture:
                    picture.save(folder / f"{label}-{file.stem}.png")
    (options.to / "heap.done").touch()
    return heap, examples


def retrieved(options, heap, examples):
    plan, result = options.to / "retrieval.yaml", options.to / "retrieved.csv"
    sets = sorted(str(folder) for folder in examples.iterdir())
    plan.write_text("\n".join([
        f"index: {{sources: [{heap}]}}", "filter: {min_side: 16}", "duplicates: {parts: false}",
        "embed: {weights: heap, batch: 64}",
        f"retrieve: {{queries: {json.dumps(sets)}, neighbours: {options.neighbours}}}",
        f"apply: {{to: {result}}}", ""]))
    print(done(dinod(options, "curate", plan)), end="")
    with open(result, newline="") as rows:
        return result, [row["file"] for row in csv.DictReader(rows)]


def kinds(files):
    found = [("wanted" if "/wanted/" in f else "photographs" if "/photographs/" in f else "textures") for f in files]
    return ", ".join(f"{found.count(kind) / len(found):.1%} {kind}" for kind in ("wanted", "photographs", "textures"))


def retrieval(options):
    heap, examples = mixed_heap(options)
    train(options, ("heap", heap, options.heap_steps, 2, 0))
    curated_list, curated = retrieved(options, heap, examples)
    everything = [str(p) for p in images(heap)]
    print(f"heap      {len(everything):6} images: {kinds(everything)}; its network: k-NN {accuracy(options, 'heap'):.1%}")
    print(f"curated   {len(curated):6} images: {kinds(curated)}")
    return {"curated": lambda seed: curated_list, "random": lambda seed: write_list(
        options.to / f"random-{seed}.csv", random.Random(seed).sample(everything, len(curated)))}


# copies

def changed(picture, draw):
    """A copy as people make them: mirrored, scaled there and back, of other light and colour, soft, compressed a little."""
    if draw.random() < 0.5:
        picture = ImageOps.mirror(picture)
    if draw.random() < 0.3:
        side = int(draw.integers(20, 32))
        picture = picture.resize((side, side), Image.Resampling.BICUBIC).resize((32, 32), Image.Resampling.BICUBIC)
    for enhance, least, most in ((ImageEnhance.Brightness, 0.8, 1.25), (ImageEnhance.Contrast, 0.8, 1.25),
                                 (ImageEnhance.Color, 0.5, 1.5)):
        picture = enhance(picture).enhance(draw.uniform(least, most))
    return picture.filter(ImageFilter.GaussianBlur(0.5)) if draw.random() < 0.2 else picture


def heap_with_copies(options):
    heap = options.to / "heap-with-copies"
    if (options.to / "copies.done").exists():
        return heap
    heap.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(3)
    originals = []
    for label, files in drawn(options, options.originals // 10, 3).items():
        for file in files:
            with Image.open(file) as picture:
                picture.load()
                picture.save(heap / f"{label}-{file.stem}.png")
                originals.append(picture)
    copied = draw.choice(len(originals), options.copied, replace=False)
    for number in range(options.originals):
        changed(originals[copied[number % options.copied]], draw).save(heap / f"copy-{number:05}.png")
    (options.to / "copies.done").touch()
    return heap


def copies(options):
    heap = heap_with_copies(options)
    plan, result = options.to / "copies.yaml", options.to / "without-copies.csv"
    plan.write_text("\n".join([
        f"index: {{sources: [{heap}]}}", "filter: {min_side: 16}",
        "duplicates: {parts: false, thumbnails: true}", f"apply: {{to: {result}}}", ""]))
    print(done(dinod(options, "curate", plan)), end="")
    with open(result, newline="") as rows:
        left = [Path(row["file"]).name for row in csv.DictReader(rows)]
    left_copies = sum(name.startswith("copy-") for name in left)
    print(f"heap      {2 * options.originals:6} images, half of them copies of {options.copied}")
    print(f"curated   {len(left):6} images, {left_copies} of them copies")
    return {"removed": lambda seed: result, "kept": lambda seed: heap}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("experiment", choices=["retrieval", "copies"])
    parser.add_argument("--cifar", type=Path, required=True)
    parser.add_argument("--photographs", type=Path)
    parser.add_argument("--to", type=lambda text: Path(text).resolve(), required=True)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    for name, value in (("steps", 2000), ("heap-steps", 1500), ("parts", 6000), ("textures", 10000), ("wanted", 400),
                        ("examples", 50), ("neighbours", 8), ("originals", 20000), ("copied", 100)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    arms = {"retrieval": retrieval, "copies": copies}[options.experiment](options)
    table = {arm: [] for arm in arms}
    for seed in map(int, options.seeds.split(",")):
        train(options, *((f"{arm}-{seed}", data(seed), options.steps, 1, seed) for arm, data in arms.items()))
        for arm in arms:
            table[arm].append(accuracy(options, f"{arm}-{seed}"))
        print(f"seed {seed}    " + ", ".join(f"{arm} {found[-1]:.1%}" for arm, found in table.items()), flush=True)
    for arm, found in table.items():
        spread = np.std(found, ddof=1) / len(found) ** 0.5 if len(found) > 1 else float("nan")
        print(f"{arm:9} {np.mean(found):.1%} ± {spread:.1%} ({options.steps} steps)")


if __name__ == "__main__":
    main()
