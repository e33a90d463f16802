"""The tables of novelty.md over seeds, as Markdown, from sweeps over seeds: a folder for each, by the name of the row.

    python3 docs/results/seeds.py runs/seeds
"""

import json
import statistics
import sys
from pathlib import Path

FOREIGN = ["kmnist", "mnist", "notmnist", "builtin-letters", "quickdraw", "natural32"]
ALTERED = ["quarter-turn", "half-occluded", "inverted", "noise"]
SCORES = ["novelty", "entropy", "max-posterior", "max-logit", "typicality", "l-x"]


def spread(values, digits=1):
    """Mean ± standard deviation over seeds."""
    if len(values) < 2:
        return f"{values[0]:.{digits}f}"
    return f"{statistics.mean(values):.{digits}f} ± {statistics.stdev(values):.{digits}f}"


def detection(report, measure, score):
    """A measure of a score by set, in percent."""
    return {
        found["name"]: row[measure]["value"]
        for found in report["ood"]
        for row in found["detection"]
        if row["score"] == score
    }


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|---" + "|--:" * (len(head) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def main():
    groups = {}
    for path in sorted(Path(sys.argv[1]).glob("*/*/evaluation.json")):
        groups.setdefault(path.parent.parent.name, []).append(json.loads(path.read_text())["report"])
    names = list(groups)
    over = lambda name, value: [value(report) for report in groups[name]]
    table(
        ["", *(f"{name}, {len(groups[name])} seeds" for name in names)],
        [
            ["error, %", *(spread(over(n, lambda r: r["error"]["value"]), 2) for n in names)],
            ["bits/dim", *(spread(over(n, lambda r: r["bits_per_dim"]["value"]), 3) for n in names)],
            ["top-label ECE, %", *(spread(over(n, lambda r: r["top_label"]["ece"]["value"]), 2) for n in names)],
            ["negative log-likelihood, nats", *(spread(over(n, lambda r: r["top_label"]["nll"]["value"]), 3) for n in names)],
            *(
                [f"false alarms at {level:.0f} %, %", *(spread(over(n, lambda r: r["novelty"][i]["alarms"]), 2) for n in names)]
                for i, level in enumerate((1, 5, 10))
            ),
        ],
    )
    for name in names:
        for measure in ("auroc", "aupr_in", "aupr_out", "fpr95"):
            found = {score: [detection(r, measure, score) for r in groups[name]] for score in SCORES}
            rows = [
                [one, *(spread([seed[one] for seed in found[score]]) for score in SCORES)] for one in FOREIGN + ALTERED
            ]
            means = {score: [statistics.mean(seed[one] for one in FOREIGN) for seed in found[score]] for score in SCORES}
            rows.append(["**mean of the first six**", *(spread(means[score]) for score in SCORES)])
            print(f"**{name}: {measure}, %**\n")
            table(["", *SCORES], rows)


main()
