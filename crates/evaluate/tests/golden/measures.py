"""Golden values of the measures of detection and calibration (method §4.9), by scikit-learn.

    trainer encode MODEL --limit 240 --out own.safetensors
    trainer encode MODEL --dataset builtin-letters --limit 160 --out foreign.safetensors
    python3 crates/evaluate/tests/golden/measures.py own.safetensors foreign.safetensors measures.json

What scikit-learn has is asked of it; what it does not have is computed here, from the definitions and by other means
than in the program: by masks over images instead of one pass over sorted ones.
"""

import json
import struct
import sys

import numpy as np
from sklearn.metrics import auc, log_loss, precision_recall_curve, roc_auc_score, roc_curve

BINS = 15


def arrays(path):
    """The arrays of a safetensors file."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    kinds = {"F32": "<f4", "I32": "<i4"}
    return {
        name: np.frombuffer(
            data[8 + length + entry["data_offsets"][0] : 8 + length + entry["data_offsets"][1]], kinds[entry["dtype"]]
        ).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def detection(own, foreign):
    """AUROC, AUPR with own and with foreign images as positives, and the false positive rate at 95 % detected."""
    scores = np.concatenate([own, foreign])
    is_foreign = np.concatenate([np.zeros(len(own)), np.ones(len(foreign))])

    def aupr(positive, score):
        precision, recall, _ = precision_recall_curve(positive, score)
        return auc(recall, precision)

    false_positives, detected, _ = roc_curve(is_foreign, scores, drop_intermediate=False)
    return {
        "auroc": roc_auc_score(is_foreign, scores),
        "aupr_in": aupr(1 - is_foreign, -scores),
        "aupr_out": aupr(is_foreign, scores),
        "fpr95": false_positives[np.argmax(detected >= 0.95)],
    }


def gap(probability, hit):
    return abs(probability.mean() - hit.mean()) * len(hit) if len(hit) else 0.0


def binned(probability, hit):
    """n times the calibration error over bins of equal width, each with its upper edge."""
    edges = np.linspace(0, 1, BINS + 1)
    inside = [(probability > low) & (probability <= high) for low, high in zip(edges, edges[1:])]
    return sum(gap(probability[mask], hit[mask]) for mask in inside)


def calibration(logits, labels):
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = shifted / shifted.sum(axis=1, keepdims=True)
    n, classes = p.shape
    hard = np.eye(classes)[labels]
    top, right = p.max(axis=1), p.argmax(axis=1) == labels
    certain = np.argsort(-top, kind="stable")
    wrong = 1.0 - right[certain]
    groups = np.array_split(certain, BINS) if n % BINS == 0 else None
    assert groups is not None and len(set(top)) == n, "ties or unequal bins would leave room for interpretation"
    return {
        "ece": binned(top, right) / n,
        "adaptive_ece": sum(gap(top[group], right[group]) for group in groups) / n,
        "class_wise_ece": sum(binned(p[:, k], hard[:, k]) for k in range(classes)) / n / classes,
        "brier": ((p - hard) ** 2).sum(axis=1).mean(),
        "nll": log_loss(labels, p, labels=range(classes)),
        "aurc": (np.cumsum(wrong) / np.arange(1, n + 1)).mean(),
    }


def main(own_path, foreign_path, out):
    own, foreign = arrays(own_path), arrays(foreign_path)
    # Rounded, so that there are ties; more foreign with a lower likelihood, or the other way round.
    lists = [np.round(-found["log_likelihood"].astype(float) / 784, 2) for found in (own, foreign)]
    # Half of the labels are moved on, so that calibration has something to find.
    logits = np.round(own["logits"].astype(float) / 20, 6)
    labels = (own["label"] + (np.arange(len(own["label"])) % 2)) % logits.shape[1]
    values = {
        "own": lists[0].tolist(),
        "foreign": lists[1].tolist(),
        "logits": logits.tolist(),
        "labels": labels.tolist(),
        "detection": detection(*lists),
        "reversed": detection(-lists[0], -lists[1]),
        "calibration": calibration(logits, labels),
    }
    with open(out, "w") as file:
        json.dump(values, file, indent=None, separators=(",", ":"))
        file.write("\n")


main(*sys.argv[1:])
