#!/usr/bin/env python3
"""Asks what a short phase at a high resolution is worth, beside the low resolution alone and the high one
all the way; trains them all, prints a table and draws a picture.

    scripts/python-with /tmp/env numpy pillow safetensors
    /tmp/env/bin/python Benchmarks/phases.py [--runs FOLDER] [--seeds N] [--svg FILE]

Trains the recipe sessions/high-resolution.yaml in four ways, of which three take the same time at rest.
Everyone is judged at the high size, by k-NN of images and of patches (`dense_probe.py`); a run at the low
one looks at it in a last step that learns nothing. Runs that are in FOLDER already and finished are not
trained again. The time of a step is measured by short runs first, one after the other: let other programs
rest for that. Needs `make build`.
"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
from pathlib import Path

import dense_probe

ROOT = Path(__file__).resolve().parent.parent
RECIPE = "sessions/high-resolution.yaml"
EPOCH = 150
LOW, HIGH = (24, 12), (64, 24)
"""Sides of global and local crops."""


def crops(size):
    return f"crops: {{global_crops_size: {size[0]}, local_crops_size: {size[1]}}}"


def phase(name, size, steps=None, factor=1.0, compress="lr, weight_decay, momentum_teacher"):
    parts = [f"name: {name}"]
    if steps:
        parts.append(f"steps: {steps}")
    if factor != 1:
        parts.append(f"base_lr_factor: {factor:.1e}")
    if steps:
        parts.append(f"compress: [{compress}]")
    return "{" + ", ".join(parts + [crops(size)]) + "}"


LOOK = phase("look", HIGH, 1, 1e-6, "lr")
"""A step that learns nothing, so that what was trained low is judged at the high size."""

FACTOR = 0.3
"""Of the high phase's learning rate."""

WAYS = {
    # name: title, steps low, steps high, phases
    "low": ("low alone", 1550, 0, [phase("low", LOW), LOOK]),
    "lowhigh": ("low, then a short high phase", 1150, 65,
                [phase("low", LOW), phase("high", HIGH, 65, FACTOR)]),
    "highsame": ("high alone, as long", 0, 252, [phase("high", HIGH)]),
    "high": ("high alone, longer", 0, 900, [phase("high", HIGH)]),
}


def train(name, runs, *settings):
    words = [ROOT / ".build/release/dinod", "train", ROOT / RECIPE, "--name", name, "--dir", runs]
    for setting in settings:
        words += ["--set", setting]
    ending = subprocess.run(words, capture_output=True, text=True)
    if ending.returncode:
        sys.exit(f"phases: {name}: {ending.stderr.strip()}")


def database(runs, name):
    return sqlite3.connect(f"file:{runs}/{name}/history.sqlite?mode=ro", uri=True)


def step_seconds(runs, size):
    """Of a step at a size, the median of the last 60 of 100."""
    name = f"time-{size[0]}"
    if not (runs / name).exists():
        train(name, runs, f"phases=[{phase('time', size)}]", f"optim.epochs={100 / EPOCH}",
              "optim.warmup_epochs=0.1", "probe.every=0")
    rows = database(runs, name).execute("SELECT time_step FROM samples WHERE step > 40")
    return statistics.median(row[0] for row in rows)


def accuracy(runs, way, seed):
    """k-NN at the end of a way, trained if it was not yet."""
    name = f"{way}-{seed}"
    _, low, high, phases = WAYS[way]
    steps = low or high

    def found():
        if not (runs / name / "history.sqlite").exists():
            return None
        rows = database(runs, name).execute(
            'SELECT step, json_extract("values", "$.knn_learned") FROM evaluations ORDER BY step')
        last = rows.fetchall()[-1:]
        total = low + high + (way == "low")
        return last[0][1] if last and last[0][0] == total else None

    if found() is None:
        print(f"training {name}", file=sys.stderr)
        train(name, runs, f"train.seed={seed}", f"optim.epochs={steps / EPOCH}",
              f"phases=[{', '.join(phases)}]", "probe.every=100000", "probe.train_images=5000",
              "probe.test_images=4000", "session.checkpoint_keep=1")
    return found()


def mean(values):
    return sum(values) / len(values)


def listed(values):
    """`95.0 % (96.0, 95.0, 94.2)`"""
    seeds = ", ".join(f"{100 * value:.1f}" for value in values)
    return f"{100 * mean(values):.1f} %" + (f" ({seeds})" if len(values) > 1 else "")


COLOURS = ["#777", "#0a7", "#c70", "#36c"]


def draw(points, path):
    """Accuracy over time, of images and of patches: a dot for each seed, a ring for their mean."""
    width, height = 720, 300
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="#fff"/>']
    for panel, title in enumerate(("k-NN of images", "k-NN of patches")):
        out += chart(points, 2 + panel, title, 10 + panel * 350)
    for number, (title, *_) in enumerate(points):
        x, y = 20 + number % 2 * 350, height - 30 + number // 2 * 18
        out.append(f'<circle cx="{x}" cy="{y - 4}" r="5" fill="none" stroke="{COLOURS[number]}" '
                   f'stroke-width="2"/><text x="{x + 12}" y="{y}" fill="#333">{title}</text>')
    Path(path).write_text("\n".join(out + ["</svg>\n"]))


def chart(points, which, title, left):
    """One panel of the picture."""
    top, bottom, width = 30, 230, 300
    slowest = max(point[1] for point in points) * 1.05
    values = [value for point in points for value in point[which]]
    floor, ceiling = int(min(values) * 20) / 20, int(max(values) * 20 + 1) / 20

    def x(seconds):
        return left + 40 + seconds / slowest * (width - 40)

    def y(value):
        return bottom - (value - floor) / (ceiling - floor) * (bottom - top)

    out = [f'<text x="{left}" y="16" fill="#333">{title} at {HIGH[0]} pixels</text>']
    for mark in range(round((ceiling - floor) / 0.05) + 1):
        value = floor + mark * 0.05
        out.append(f'<line x1="{left + 40}" x2="{left + width}" y1="{y(value):.1f}" '
                   f'y2="{y(value):.1f}" stroke="#e4e4e4"/><text x="{left + 34}" '
                   f'y="{y(value) + 4:.1f}" text-anchor="end" fill="#555">{100 * value:.0f} %</text>')
    for minutes in range(int(slowest // 60) + 1):
        out.append(f'<text x="{x(60 * minutes):.1f}" y="{bottom + 18}" text-anchor="middle" '
                   f'fill="#555">{minutes} min</text>')
    for point, colour in zip(points, COLOURS):
        for value in point[which]:
            out.append(f'<circle cx="{x(point[1]):.1f}" cy="{y(value):.1f}" r="2.5" fill="{colour}" '
                       'fill-opacity="0.6"/>')
        out.append(f'<circle cx="{x(point[1]):.1f}" cy="{y(mean(point[which])):.1f}" r="6" '
                   f'fill="none" stroke="{colour}" stroke-width="2"/>')
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--runs", type=Path, default=Path("/tmp/dino-phases"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--svg")
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    seconds = {size: step_seconds(options.runs, size) for size in (LOW, HIGH)}
    points = []
    probe = dense_probe.probe(ROOT / ".build/release/dinod", ROOT / RECIPE, options.runs / "dense")
    print(f"| {LOW[0]} and {HIGH[0]} pixels | steps low + high | time at rest | k-NN of images at "
          f"{HIGH[0]} pixels | of patches |\n|---|---|---|---|---|")
    for way, (title, low, high, _) in WAYS.items():
        # The long way is there for comparison: one seed says where it ends.
        seeds = range(1 if way == "high" else options.seeds)
        images = [accuracy(options.runs, way, seed) for seed in seeds]
        patches = [probe.accuracy(f"{way}-{seed}", options.runs) for seed in seeds]
        time = low * seconds[LOW] + high * seconds[HIGH]
        points.append((title, time, images, patches))
        print(f"| {title} | {low} + {high} | {time:.0f} s | {listed(images)} | {listed(patches)} |",
              flush=True)
    if options.svg:
        draw(points, options.svg)


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    main()
