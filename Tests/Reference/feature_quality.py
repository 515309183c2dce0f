"""The scores of `dinod quality` and of the probe, stated in NumPy on features that a formula gives. `FeatureQualityTests.swift` and
`ProbeScoreTests.swift` have what this prints.

    python Tests/Reference/feature_quality.py
"""
import numpy as np


def scores(z):
    images, width = z.shape
    s = np.linalg.svd(z, compute_uv=False)
    p = s / s.sum() + 1e-7
    centred = z - z.mean(0)
    eigenvalues = np.sort(np.linalg.eigvalsh(centred.T @ centred))[::-1].clip(0)
    shares = eigenvalues / eigenvalues.sum()
    usable = min(100, int((shares[:min(images, width) - 1] > 1e-15).sum()))
    k = np.arange(11, usable + 1)
    slope = np.polyfit(np.log(k), np.log(shares[k - 1]), 1, w=np.sqrt(1 / k))[0] if usable >= 20 else float("nan")
    unit = z / np.linalg.norm(z, axis=1, keepdims=True)
    scale = width / (images * 0.05)
    rate = np.linalg.slogdet(np.eye(width) + scale * unit.T @ unit)[1]
    count = min(images, width)
    return {"rankMe": np.exp(-(p * np.log(p)).sum()), "alpha": -slope, "nesum": eigenvalues.sum() / eigenvalues[0],
            "stableRank": (s ** 2).sum() / s[0] ** 2, "codingRate": rate / (count * np.log(1 + scale * images / count))}


def features(images, width):
    i, j = np.arange(images)[:, None], np.arange(width)[None]
    return np.float32(np.sin(0.37 * i * (j + 1) + 0.11 * i * i) / (1 + j) ** 0.6 + 0.2).astype(np.float64)


for images, width in ((200, 32), (24, 40), (300, 8)):
    print(images, width, {name: float(f"{value:.9g}") for name, value in scores(features(images, width)).items()})


def lidar(z, views):
    """LiDAR of features whose views of an image follow each other."""
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    images, width = len(z) // views, z.shape[1]
    z = z.reshape(images, views, width)
    means = z.mean(1)
    between = np.cov(means.T)
    inner = (z - means[:, None]).reshape(-1, width)
    within = inner.T @ inner / (images * (views - 1)) + 1e-4 * np.eye(width)
    values, vectors = np.linalg.eigh(within)
    root = vectors @ np.diag(values ** -0.5) @ vectors.T
    found = np.linalg.eigvalsh(root @ between @ root).clip(0)
    p = found / found.sum() + 1e-8
    return np.exp(-(p * np.log(p)).sum())


def breadth(tokens, labels):
    """The mean over the clusters of their nuclear norms, less their means."""
    found = []
    for label in np.unique(labels):
        part = tokens[labels == label]
        part = part - part.mean(0)
        found.append(np.linalg.svd(part, compute_uv=False).sum() / np.sqrt(max(len(part) - 1, tokens.shape[1])))
    return np.mean(found)


def dense(patches):
    """The parts of DSE of patches [images, patches, width] that lie in three places an image, in turn, and are the same
    at all positions of an image but for that: then clusters and random tokens leave no choice."""
    images, each, width = patches.shape
    tokens = patches / np.linalg.norm(patches, axis=2, keepdims=True)
    flat = tokens.reshape(-1, width)
    spread = np.linalg.norm(flat - flat.mean(0), axis=1).mean()
    between, within, single = [], [], []
    for first in range(0, images, 8):
        part = tokens[first:first + 8].reshape(-1, width)
        labels = (np.arange(8)[:, None] * 3 + np.arange(each)[None] % 3).reshape(-1)
        centroids = np.stack([part[labels == label].mean(0) for label in range(24)])
        distances = np.linalg.norm(part[:, None] - centroids[None], axis=2)
        distances[np.arange(len(part)), labels] = np.inf
        between.append(distances.min(1).mean())
        within.append(breadth(part, labels))
        single += [breadth(tokens[image], np.arange(each) % 3) for image in range(first, first + 8)]
    return (np.mean(between) - (np.mean(within) + np.mean(single)) / 2) / spread


def dense_patches(images, each, width):
    i, p, j = np.arange(images)[:, None, None], np.arange(each)[None, :, None], np.arange(width)[None, None]
    place = 3 * i + p % 3 + 1
    return np.float32(np.sin(0.7 * place * (j + 1) + 0.3 * place) + 0.01 * np.sin(1.3 * p + j * i)).astype(np.float64)


def dimensions(rows):
    s = np.linalg.svd(rows / np.linalg.norm(rows, axis=1, keepdims=True), compute_uv=False)
    p = s / s.sum() + 1e-12
    return np.exp(-(p * np.log(p)).sum()) / min(rows.shape)


print("lidar", f"{lidar(features(200, 32), 5):.9g}", f"{lidar(features(60, 40), 3):.9g}")
print("separation", f"{dense(dense_patches(16, 12, 24)):.9g}")
print("dimensions", f"{dimensions(features(16, 24)):.9g}")
