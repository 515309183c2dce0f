#!/usr/bin/env python3
"""Asks what bfloat16 changes in a run: trains a recipe in fp32, in bf16, and in fp32 once more with its
learning rate nudged by one part in ten million, from one seed; prints losses and k-NN as a table.

    Benchmarks/precision.py --data cifar10/train --test cifar10/test [--steps N] [--runs FOLDER]
                            [--set KEY=VALUE]…

The third run tells what the comparison can tell: from a nudge as small as a rounding two runs drift apart by
themselves, and what differs no more than that is no effect of the precision. Runs that are in FOLDER already
and finished are not trained again. Needs `make build`.
"""

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DINOD = ROOT / ".build/release/dinod"
RECIPE = ROOT / "sessions/cifar10.yaml"
EPOCH = 50
"""Steps of an epoch of the recipe."""

LOSSES = {
    "total_loss": "total",
    "dino_local_crops_loss": "DINO, local crops",
    "dino_global_crops_loss": "DINO, global crops",
    "ibot_loss": "iBOT",
    "koleo_loss": "KoLeo",
}
WAYS = {"fp32": ("fp32", 1), "bf16": ("bf16", 1), "nudged": ("fp32", 1 + 1e-7)}
"""Precision, and the factor of the learning rate."""


def dinod(*words):
    ending = subprocess.run([DINOD, *map(str, words)], stdout=subprocess.PIPE, text=True)
    if ending.returncode:
        sys.exit(f"precision: dinod {words[0]} ended with {ending.returncode}")
    return ending.stdout


def losses(run, steps):
    """Of the last step; nothing where the run is not finished."""
    history = run / "history.sqlite"
    if not history.exists():
        return None
    database = sqlite3.connect(f"file:{history}?mode=ro", uri=True)
    row = database.execute(
        f"SELECT {', '.join(LOSSES)} FROM samples WHERE step = ?", (steps,)).fetchone()
    return row and dict(zip(LOSSES, row))


def train(way, options):
    precision, factor = WAYS[way]
    settings = [
        f"data.path={options.data}", f"data.eval_path={options.test}",
        f"optim.epochs={options.steps / EPOCH}", f"train.compute_precision={precision}",
        *options.set, f"optim.base_lr={options.lr * factor!r}",
    ]
    words = [word for setting in settings for word in ("--set", setting)]
    dinod("train", RECIPE, "--name", way, "--dir", options.runs, *words)


def neighbours(run, options):
    """k-NN's accuracy by k."""
    kept = run / "knn.json"
    if not kept.exists():
        kept.write_text(dinod("eval", "knn", run, options.data, options.test, "--resize", 32, "--json"))
    return {result["k"]: result["accuracy"] for result in json.loads(kept.read_text())["results"]}


def share(value, other):
    percent = 100 * abs(value / other - 1)
    return f"{percent:.2g} %" if percent >= 0.001 else "< 0.001 %"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="CIFAR-10's training images")
    parser.add_argument("--test", required=True, type=Path, help="its test images")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--lr", type=float, default=1e-3, help="optim.base_lr")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--runs", type=Path, default=None)
    options = parser.parse_args()
    options.data, options.test = options.data.resolve(), options.test.resolve()
    options.runs = (options.runs or Path(tempfile.mkdtemp())).resolve()
    found, accuracies = {}, {}
    for way in WAYS:
        run = options.runs / way
        if not losses(run, options.steps):
            print(f"training {way}", file=sys.stderr)
            train(way, options)
        found[way] = losses(run, options.steps)
        accuracies[way] = neighbours(run, options)
    print(f"| at step {options.steps} | fp32 | bf16 | differs by | fp32 nudged | differs by |")
    print("|---|---|---|---|---|---|")
    for key, title in LOSSES.items():
        exact, rounded, nudged = (found[way][key] for way in WAYS)
        print(f"| {title} | {exact:.5g} | {rounded:.5g} | {share(rounded, exact)} "
              f"| {nudged:.5g} | {share(nudged, exact)} |")
    for k in accuracies["fp32"]:
        exact, rounded, nudged = (100 * accuracies[way][k] for way in WAYS)
        print(f"| k-NN, k = {k} | {exact:.2f} % | {rounded:.2f} % | {abs(rounded - exact):.2f} points "
              f"| {nudged:.2f} % | {abs(nudged - exact):.2f} points |")
    print(f"\nruns: {options.runs}", file=sys.stderr)


if __name__ == "__main__":
    main()
