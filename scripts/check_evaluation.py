"""The comparison of scripts/check-evaluation: SCRATCH has the folders `knn` and `linear`."""

import json
import pathlib
import sys

import numpy as np
from safetensors import safe_open
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

# Points of accuracy, for the same votes or weights; and for weights that were trained anew from other
# beginnings and on batches in another order.
ALLOWED, ANEW = 0.3, 1.5


def tensors(path):
    with safe_open(path, "np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


def report(what, ours, theirs, allowed=ALLOWED):
    passed = 100 * abs(ours - theirs) <= allowed
    print(f"{'agrees ' if passed else 'DIFFERS'}  {what}: dinod {100 * ours:.2f} %, "
          f"scikit-learn {100 * theirs:.2f} %")
    return passed


def neighbours(folder):
    """k-NN over cosine distance with DINO's votes."""
    found = json.loads((folder / "report.json").read_text())
    data, _ = tensors(folder / "features.safetensors")
    temperature = found["temperature"]
    unit = {part: data[f"{part}.features"] / np.linalg.norm(
        data[f"{part}.features"], axis=1, keepdims=True) for part in ("train", "test")}
    passed = True
    for result in found["results"]:
        judge = KNeighborsClassifier(
            min(result["k"], len(unit["train"])), metric="euclidean", algorithm="brute",
            # Between unit vectors, half the squared distance is one less the cosine.
            weights=lambda distance: np.exp(-distance ** 2 / 2 / temperature))
        judge.fit(unit["train"], data["train.labels"])
        theirs = judge.score(unit["test"], data["test.labels"])
        passed &= report(f"k-NN, k = {result['k']}", result["accuracy"], theirs)
    return passed


def linear(folder):
    """The chosen classifier as scikit-learn's own, and one that is trained here."""
    found = json.loads((folder / "report.json").read_text())
    data, _ = tensors(folder / "features.safetensors")
    head, about = tensors(folder / "classifier.safetensors")
    first, end = map(int, about["columns"].split("-"))
    train, test = (data[f"{part}.features"][:, first:end] for part in ("train", "test"))
    judge = LogisticRegression()
    judge.coef_, judge.intercept_ = head["weight"], head["bias"]
    judge.classes_ = np.arange(len(head["bias"]))
    ours = found["results"][found["chosen"]]["accuracy"]
    passed = report("linear, the exported classifier", ours, judge.score(test, data["test.labels"]))
    judge.coef_, judge.intercept_ = train_head(
        train, data["train.labels"], float(about["rate"]), found["iterations"], found["sgd_batch"])
    return report("linear, the same protocol in NumPy", ours,
                  judge.score(test, data["test.labels"]), ANEW) and passed


def train_head(features, labels, rate, iterations, batch):
    """The paper's protocol for one classifier: SGD, momentum 0.9, cosine decay to zero."""
    random = np.random.default_rng(0)
    classes = labels.max() + 1
    weight = random.normal(0, 0.01, (classes, features.shape[1])).astype(np.float32)
    bias = np.zeros(classes, np.float32)
    speeds = [np.zeros_like(weight), np.zeros_like(bias)]
    for iteration in range(iterations):
        rows = random.choice(len(labels), batch)
        scores = features[rows] @ weight.T + bias
        error = np.exp(scores - scores.max(1, keepdims=True))
        error /= error.sum(1, keepdims=True)
        error[np.arange(batch), labels[rows]] -= 1
        error /= batch
        share = rate * 0.5 * (1 + np.cos(np.pi * iteration / iterations))
        for value, speed, gradient in zip(
                (weight, bias), speeds, (error.T @ features[rows], error.sum(0))):
            speed *= 0.9
            speed += gradient
            value -= share * speed
    return weight, bias


def main(scratch):
    results = [neighbours(scratch / "knn"), linear(scratch / "linear")]
    sys.exit(0 if all(results) else 1)


main(pathlib.Path(sys.argv[1]))
