"""Logistic regression on scikit-learn's digits in plain numpy: any program could stand here."""

import argparse
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np

parser = argparse.ArgumentParser()
for name, kind in {"lr": float, "momentum": float, "seed": int, "steps": int, "every": int}.items():
    parser.add_argument(f"--{name}", type=kind, required=True)
options = parser.parse_args()

sklearn = Path(importlib.util.find_spec("sklearn").origin).parent  # importing it takes a second
table = np.loadtxt(sklearn / "datasets" / "data" / "digits.csv.gz", delimiter=",")
table = table[np.random.RandomState(0).permutation(len(table))]  # the same split for every run
images, labels = table[:, :-1] / 16, np.eye(10)[table[:, -1].astype(int)]
train, valid = slice(0, 1078), slice(1078, 1437)
random = np.random.RandomState(options.seed)
weight, velocity = 0.01 * random.randn(64, 10), np.zeros((64, 10))


def probabilities(some: np.ndarray) -> np.ndarray:
    """Softmax of the logits, [n, 10]."""
    logits = some @ weight
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


for step in range(1, options.steps + 1):
    batch = random.choice(1078, 128)
    gradient = images[batch].T @ (probabilities(images[batch]) - labels[batch]) / 128
    velocity = options.momentum * velocity - options.lr * gradient
    weight = weight + velocity
    if not np.isfinite(weight).all():
        sys.exit(99)  # diverged: a verdict on the point, no accident
    if step % options.every == 0 or step == options.steps:
        given, right = probabilities(images[valid]), labels[valid].argmax(axis=1)
        accuracy = float((given.argmax(axis=1) == right).mean())
        loss = float(-np.log(given[np.arange(len(right)), right] + 1e-30).mean())
        for metric, value in {"valid_accuracy": accuracy, "valid_loss": loss}.items():
            print(json.dumps({"step": step, "metric": metric, "value": value}), flush=True)
