"""Scores that novelty was compared with, on latents that `trainer encode` wrote.

    trainer encode MODEL --split train --limit 20000 --out FOLDER/train.safetensors
    trainer encode MODEL --out FOLDER/test.safetensors
    trainer encode MODEL --dataset NAME --limit 4000 --out FOLDER/NAME.safetensors     # for each foreign set
    python3 docs/results/novelty_alternatives.py FOLDER

Prints the AUROC of every score for every foreign set, and the share of test images beyond the 95 % quantile of a quarter of
the training images, which nothing is fitted to. Needs NumPy, SciPy and scikit-learn.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np
from scipy.linalg import solve_triangular
from sklearn.metrics import roc_auc_score

SHRINKAGE = 1e-3
DEPTHS = 8


def arrays(path):
    """The arrays of a safetensors file."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    kinds = {"F32": "<f4", "I32": "<i4"}
    found = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            found[name] = np.frombuffer(data[start:end], kinds[entry["dtype"]]).reshape(entry["shape"]).astype(float)
    return found


def factor(covariance):
    """Cholesky factor of a covariance with its diagonal raised a little."""
    dims = len(covariance)
    return np.linalg.cholesky(covariance + SHRINKAGE * np.trace(covariance) / dims * np.eye(dims))


def distance(x, lower, mean):
    return (solve_triangular(lower, (x - mean).T, lower=True) ** 2).sum(0)


def energies(images):
    """log-det and the energies of eight parts of z by depth, in logarithms: the statistics of a DoSE."""
    parts = [np.log((part**2).sum(1) + 1e-9) for part in np.array_split(images["z"], DEPTHS, axis=1)]
    return np.stack([images["log_det"], *parts], 1)


class Scores:
    """Scores fitted to three quarters of the training images; larger is more foreign."""

    def __init__(self, train):
        labels = train["label"].astype(int)
        self.set_aside = np.arange(len(labels)) % 4 == 0
        fitted = ~self.set_aside
        z, labels = train["z"][fitted], labels[fitted]
        self.means = np.stack([z[labels == k].mean(0) for k in range(labels.max() + 1)])
        self.mean = z.mean(0)
        within = z - self.means[labels]
        shared = within.T @ within / len(z)
        self.within, self.all = factor(shared), factor(np.cov(z.T, bias=True))
        self.by_class = {}
        for share in (0.5, 0.9):
            own = [within[labels == k] for k in range(len(self.means))]
            self.by_class[share] = [factor((1 - share) * x.T @ x / len(x) + share * shared) for x in own]
        deep = energies(train)[fitted]
        self.deep_mean, self.deep = deep.mean(0), np.linalg.cholesky(np.cov(deep.T))
        self.calibration = self.single({name: values[self.set_aside] for name, values in train.items()})

    def single(self, images):
        z = images["z"]
        nearest = np.min([distance(z, self.within, mean) for mean in self.means], axis=0)
        background = distance(z, self.all, self.mean)
        found = {
            "novelty": nearest - background,
            "distance to the nearest class": nearest,
            "DoSE of log-det and energies by depth": distance(energies(images), self.deep, self.deep_mean),
            "largest logit": -images["logits"].max(1),
            "L_X, one-tailed": -images["log_likelihood"],
        }
        for share, factors in self.by_class.items():
            own = [distance(z, f, m) + 2 * np.log(np.diag(f)).sum() for f, m in zip(factors, self.means)]
            found[f"covariance by class, {share:.0%} of it shared"] = np.min(own, axis=0) - background
        return found

    def p(self, name, values, tails=1):
        known = np.sort(self.calibration[name])
        p = 1 - np.searchsorted(known, values) / (len(known) + 1)
        return np.clip(p if tails == 1 else 2 * np.minimum(p, 1 - p + 1 / len(known)), 1 / (len(known) + 1), 1)

    def all_scores(self, images):
        found = self.single(images)
        typical = self.p("L_X, one-tailed", found["L_X, one-tailed"], tails=2)
        novel = self.p("novelty", found["novelty"])
        found["typicality"] = np.abs(found["L_X, one-tailed"] - self.calibration["L_X, one-tailed"].mean())
        found["least p of novelty and typicality"] = -np.minimum(novel, typical)
        for name in ("DoSE of log-det and energies by depth", "largest logit"):
            found[f"Fisher's of novelty and {name}"] = -np.log(novel) - np.log(self.p(name, found[name]))
        found["Fisher's of novelty and typicality"] = -np.log(novel) - np.log(typical)
        return found


def main(folder):
    sets = {path.stem: arrays(path) for path in sorted(Path(folder).glob("*.safetensors"))}
    scores = Scores(sets.pop("train"))
    own = scores.all_scores(sets.pop("test"))
    calibration = scores.all_scores({k: v[scores.set_aside] for k, v in arrays(Path(folder) / "train.safetensors").items()})
    foreign = {name: scores.all_scores(images) for name, images in sets.items()}
    print("| score |", " | ".join(foreign), "| beyond 95 % |")
    for score, values in own.items():
        row = []
        for found in foreign.values():
            is_foreign = np.r_[np.zeros(len(values)), np.ones(len(found[score]))]
            row.append(f"{100 * roc_auc_score(is_foreign, np.r_[values, found[score]]):.1f}")
        beyond = 100 * (values > np.quantile(calibration[score], 0.95)).mean()
        print(f"| {score} |", " | ".join(row), f"| {beyond:.1f} |")


main(sys.argv[1])
