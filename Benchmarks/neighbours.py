#!/usr/bin/env python3
"""Times nearest neighbours and k-means by Dino and by Faiss, in turn, on vectors like those of a copy
descriptor, and prints the ratio of each pair.

    Benchmarks/neighbours.py [--program DINOD] [--counts 100000,300000] [--pairs N] [--threads N]
                             [--only graph,lists,kmeans] [--precision auto|fp32|bf16] [--json FILE]

The Python that runs it has numpy and faiss-cpu. Dino's figures are of `dinod bench neighbours`. Both are given wall time and the processor's time of all threads: on a machine that has other work the
second says more.

- graph: all pairs above 0.6, at most 64 neighbours a vector. Faiss searches 65 neighbours of --queries vectors
  exactly, and its time is multiplied by the vectors there are.
- lists: the same by inverted lists. Faiss has as many lists (4 · √n) and the least number of probes whose recall
  of the edges of 1,000 vectors is that of Dino.
- kmeans: an iteration, as the difference between runs of few and of more iterations; both begin from the
  same centroids, and potentials are compared.
"""
import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np

DIMENSION = 384
INTRINSIC = 48
"""Directions in which clusters lie, of the dimensions there are."""
ABOVE, NEIGHBOURS, SAMPLE = 0.6, 64, 1000


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def vectors(count, seed=0):
    """Unit vectors in uneven clusters of low intrinsic dimension; of every twenty one is a copy of
    another at a cosine between 0.6 and 0.98."""
    random = np.random.default_rng(seed)

    def normal(*shape):
        return random.standard_normal(shape, dtype=np.float32)

    clusters = max(100, count // 50)
    spread = normal(INTRINSIC, DIMENSION) / np.sqrt(np.float32(INTRINSIC))
    weights = np.arange(1, clusters + 1) ** -0.7
    regions = normal(200, INTRINSIC)
    centers = 0.7 * regions[random.integers(0, 200, clusters)] + 0.6 * normal(clusters, INTRINSIC)
    found = np.empty((count, DIMENSION), np.float32)
    for first in range(0, count, 50_000):
        size = min(50_000, count - first)
        label = random.choice(clusters, size, p=weights / weights.sum())
        inner = centers[label] + 0.55 * normal(size, INTRINSIC)
        found[first:first + size] = unit(inner @ spread + 0.35 * normal(size, DIMENSION))
    copies = random.choice(count, count // 20, replace=False)
    source = found[random.integers(0, count, len(copies))]
    cosine = random.uniform(0.6, 0.98, (len(copies), 1)).astype(np.float32)
    away = normal(len(copies), DIMENSION)
    away = unit(away - (away * source).sum(1, keepdims=True) * source)
    found[copies] = cosine * source + np.sqrt(1 - cosine ** 2) * away
    return found


class Timer:
    """Wall and processor time of what runs within it."""

    def __enter__(self):
        self.begin = time.monotonic(), time.process_time()
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.begin[0]
        self.cpu = time.process_time() - self.begin[1]


class Comparison:
    def __init__(self, options, folder, count):
        self.options, self.count = options, count
        self.x = vectors(count)
        self.file = Path(folder) / f"{count}.f32"
        self.x.tofile(self.file)
        self.lines = []

    def dino(self, what, **more):
        words = [self.options.program, "bench", "neighbours", "--vectors", self.file, "--dimension", DIMENSION, "--method", what,
                 "--threads", self.options.threads, "--precision", self.options.precision]
        for name, value in more.items():
            words += ["--" + name, value]
        done = subprocess.run([*map(str, words), "--json"], stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.strip().splitlines()[-1])

    def tell(self, name, pairs, **more):
        """Prints what pairs of (ours, theirs), each (wall, processor time), come to."""
        line = {"what": name, "n": self.count, **more}
        for place, kind in enumerate(["seconds", "cpu"]):
            ours, theirs = ([pair[who][place] for pair in pairs] for who in (0, 1))
            line[kind] = statistics.median(ours)
            line["faiss_" + kind] = statistics.median(theirs)
            line[kind + "_ratio"] = statistics.median(b / a for a, b in zip(ours, theirs))
        print(f"{name:<22}{self.count:>9,}{line['seconds']:>10.1f} s{line['faiss_seconds']:>10.1f} s"
              f"{line['seconds_ratio']:>8.2f}{line['cpu']:>10.1f} s{line['faiss_cpu']:>10.1f} s"
              f"{line['cpu_ratio']:>8.2f}  {more}", flush=True)
        self.lines.append(line)

    def graph(self):
        queries = min(self.count, self.options.queries)
        index = faiss.IndexFlatIP(DIMENSION)
        index.add(self.x)
        pairs = []
        for _ in range(self.options.pairs):
            ours = self.dino("graph", above=ABOVE, neighbours=NEIGHBOURS)
            with Timer() as theirs:
                index.search(self.x[:queries], NEIGHBOURS + 1)
            whole = self.count / queries
            pairs.append(((ours["seconds"], ours["cpu"]), (theirs.seconds * whole, theirs.cpu * whole)))
        self.tell("exact graph", pairs, edges=ours["edges"], peak_mib=ours["peak_mib"])

    def truth(self, sample):
        """The edges of some vectors: at most 64 above 0.6 each, by a plain product."""
        edges = []
        for vector in sample:
            scores = self.x @ self.x[vector]
            scores[vector] = -1
            best = np.argpartition(-scores, NEIGHBOURS)[:NEIGHBOURS]
            edges.append(set(best[scores[best] > ABOVE].tolist()))
        return edges

    def lists(self):
        sample = np.random.default_rng(1).choice(self.count, min(SAMPLE, self.count), replace=False)
        truth = self.truth(sample)
        total = sum(map(len, truth))
        count = int(4 * self.count ** 0.5)
        for probes in self.options.probes:
            pairs, nprobe, recall = [], 1, 0
            for _ in range(self.options.pairs):
                ours = self.dino("lists", above=ABOVE, neighbours=NEIGHBOURS, probes=probes)
                with Timer() as built:
                    quantiser = faiss.IndexFlatIP(DIMENSION)
                    index = faiss.IndexIVFFlat(quantiser, DIMENSION, count, faiss.METRIC_INNER_PRODUCT)
                    index.train(self.x)
                    index.add(self.x)
                while recall < ours["recall"] and nprobe < count:
                    index.nprobe = nprobe
                    found = index.search(self.x[sample], NEIGHBOURS + 1)[1]
                    recall = sum(len(true & set(row.tolist())) for true, row in zip(truth, found)) / total
                    nprobe = nprobe if recall >= ours["recall"] else nprobe + max(1, nprobe // 4)
                index.nprobe = nprobe
                with Timer() as searched:
                    index.search(self.x, NEIGHBOURS + 1)
                pairs.append(((ours["seconds"], ours["cpu"]),
                              (built.seconds + searched.seconds, built.cpu + searched.cpu)))
            self.tell("inverted lists", pairs, probes=probes, recall=round(ours["recall"], 4), nprobe=nprobe,
                      faiss_recall=round(recall, 4), peak_mib=ours["peak_mib"])

    def kmeans(self):
        for clusters, few, more in [(1000, 1, 6), (10000, 1, 3)]:
            begin = self.x[np.random.default_rng(2).choice(self.count, clusters, replace=False)].copy()
            start = self.file.with_suffix(".start")
            begin.tofile(start)
            pairs = []
            for _ in range(self.options.pairs):
                ours, theirs = [], []
                for iterations in (few, more):
                    told = self.dino("kmeans", clusters=clusters, iterations=iterations, start=start)
                    ours.append((told["seconds"], told["cpu"]))
                    means = faiss.Kmeans(DIMENSION, clusters, niter=iterations, max_points_per_centroid=10 ** 9)
                    with Timer() as timer:
                        means.train(self.x, init_centroids=begin)
                    theirs.append((timer.seconds, timer.cpu))
                steps = more - few
                pairs.append(tuple(((b[0] - a[0]) / steps, (b[1] - a[1]) / steps) for a, b in (ours, theirs)))
            # Faiss tells the potential before each update of the centroids.
            last = len(means.obj) - 1
            self.tell(f"k-means × {clusters:,}", pairs, potential=round(told["potentials"][last], 1),
                      faiss_potential=round(float(means.obj[last]), 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=".build/release/dinod")
    parser.add_argument("--counts", default="100000")
    parser.add_argument("--pairs", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--queries", type=int, default=5000)
    parser.add_argument("--probes", default="8", type=lambda text: [int(word) for word in text.split(",")])
    parser.add_argument("--only", default="graph,lists,kmeans")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--json")
    given = parser.parse_args()
    faiss.omp_set_num_threads(given.threads)
    print(f"{'':<22}{'vectors':>9}{'Dino':>12}{'Faiss':>12}{'times':>8}{'Dino cpu':>12}{'Faiss cpu':>12}{'times':>8}")
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for count in map(int, given.counts.split(",")):
            comparison = Comparison(given, folder, count)
            for what in given.only.split(","):
                if what not in ("graph", "lists", "kmeans"):
                    sys.exit(f"neighbours: there is no {what}; use graph, lists or kmeans")
                getattr(comparison, what)()
            lines += comparison.lines
    if given.json:
        Path(given.json).write_text(json.dumps(lines, indent=1) + "\n")


if __name__ == "__main__":
    main()
