"""Writes the table of docs/results/gallery.md from what `trainer classify` says of the pictures.

    python3 docs/results/gallery/table.py AS-IS.csv FRAMED.csv     of one model; the rows go to standard output

*Before*: the picture as it is, its class, and the words of the paper's typicality test: strange where the picture is less typical
than 90 % of the test images. *Now*: the picture framed, its class, and the verdict by novelty.
"""

import csv
import sys
from pathlib import Path


def rows(path: str) -> dict[str, dict[str, str]]:
    with open(path, newline="") as file:
        return {Path(row["file"]).stem: row for row in csv.DictReader(file)}


def named(row: dict[str, str]) -> str:
    return f"{row['prediction']} ({100 * float(row['probability']):.1f} %)"


def main() -> None:
    as_is, framed = (rows(path) for path in sys.argv[1:3])
    for name, old in as_is.items():
        new = framed[name]
        strange = "unusual" if float(old["typicality"]) <= 0.1 else "nothing unusual"
        verdict = new["verdict"].replace("-", " ")
        p = 100 * float(new["novelty_p"])
        print(f"| {name.replace('-', ' ')} | {named(old)}, {strange} | {named(new)}, **{verdict}**, p = {p:.2g} % |")


main()
