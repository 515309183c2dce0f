"""The scores of `dinod quality`, stated in NumPy on features that a formula gives. `FeatureQualityTests.swift` has what
this prints.

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
