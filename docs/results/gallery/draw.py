"""Draws the pictures of docs/results/gallery: fifty that people would draw or upload.

    python3 docs/results/gallery/draw.py FOLDER     needs Pillow, NumPy and scikit-learn (for its two photographs)

Strokes are polylines and arcs in a unit square, y downwards, drawn at eight times the size and reduced.
"""

import sys
from collections.abc import Callable
from math import cos, pi, sin
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

Points = list[tuple[float, float]]
SIDE, SCALE = 28, 8


def arc(x: float, y: float, rx: float, ry: float, begin: float, end: float) -> Points:
    """Points on an ellipse, angles in degrees, clockwise from the right."""
    angles = np.radians(np.linspace(begin, end, 40))
    return [(x + rx * cos(a), y + ry * sin(a)) for a in angles]


def strokes(lines: list[Points], width: float = 2.5, box: tuple[float, float, float] = (4, 4, 20)) -> Image.Image:
    """White strokes on black; the unit square lies at (x, y) with a side, all in pixels of 28."""
    left, top, side = box
    image = Image.new("L", (SIDE * SCALE, SIDE * SCALE))
    pen = ImageDraw.Draw(image)
    radius = width * SCALE / 2
    for line in lines:
        points = [((left + x * side) * SCALE, (top + y * side) * SCALE) for x, y in line]
        pen.line(points, fill=255, width=round(width * SCALE), joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return image.resize((SIDE, SIDE), Image.Resampling.BOX)


def filled(shapes: list[Points]) -> Image.Image:
    """Light shapes on black, over the whole square."""
    image = Image.new("L", (SIDE * SCALE, SIDE * SCALE))
    pen = ImageDraw.Draw(image)
    for shape in shapes:
        pen.polygon([(x * SIDE * SCALE, y * SIDE * SCALE) for x, y in shape], fill=200)
    return image.resize((SIDE, SIDE), Image.Resampling.BOX)


DIGITS: list[list[Points]] = [
    [arc(0.5, 0.5, 0.33, 0.5, -90, 270)],
    [[(0.35, 0.2), (0.55, 0.0), (0.55, 1.0)]],
    [arc(0.5, 0.28, 0.32, 0.28, -170, 30) + [(0.15, 1.0), (0.88, 1.0)]],
    [arc(0.45, 0.25, 0.33, 0.25, -150, 90), arc(0.45, 0.74, 0.37, 0.26, -90, 150)],
    [[(0.6, 0.0), (0.15, 0.65), (0.9, 0.65)], [(0.68, 0.35), (0.68, 1.0)]],
    [[(0.8, 0.0), (0.25, 0.0), (0.2, 0.42)] + arc(0.45, 0.68, 0.36, 0.31, -130, 150)],
    [[(0.7, 0.0), (0.35, 0.3), (0.2, 0.68)] + arc(0.5, 0.72, 0.3, 0.28, 180, 540)],
    [[(0.12, 0.0), (0.85, 0.0), (0.4, 1.0)]],
    [arc(0.5, 0.24, 0.27, 0.24, 90, 450), arc(0.5, 0.74, 0.33, 0.26, -90, 270)],
    [arc(0.48, 0.28, 0.28, 0.28, 0, 360), [(0.76, 0.28), (0.72, 0.65), (0.55, 1.0)]],
]

FACE = [arc(0.5, 0.5, 0.5, 0.5, 0, 360), [(0.33, 0.33), (0.33, 0.42)], [(0.67, 0.33), (0.67, 0.42)]]
SMILE = arc(0.5, 0.55, 0.27, 0.25, 20, 160)


def star() -> list[Points]:
    corner = [(0.5 + 0.5 * sin(4 * pi * k / 5), 0.53 - 0.5 * cos(4 * pi * k / 5)) for k in range(6)]
    return [corner]


def heart() -> list[Points]:
    turn = np.linspace(0, 2 * pi, 60)
    x, y = 16 * np.sin(turn) ** 3, 13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn)
    return [[(0.5 + a / 34, 0.47 - b / 34) for a, b in zip(x, y, strict=True)]]


def letter(lines: list[Points]) -> Callable[[], Image.Image]:
    return lambda: strokes(lines)


def on_paper(digit: int, box: tuple[float, float, float]) -> Image.Image:
    """Dark ink on paper that is lit from one corner, 640×480."""
    random = np.random.default_rng(7)
    down, across = np.mgrid[0:480, 0:640]
    paper = 205 - 0.05 * across - 0.06 * down + random.normal(0, 3, (480, 640))
    ink = np.zeros((480, 640))
    drawn = np.asarray(strokes(DIGITS[digit], 2.0, box).resize((448, 448), Image.Resampling.BICUBIC), float)
    ink[16:464, 96:544] = drawn
    return Image.fromarray(np.clip(paper - 0.6 * ink, 0, 255).astype(np.uint8))


def emoji() -> Image.Image:
    image = Image.new("RGBA", (256, 256), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse((12, 12, 244, 244), fill=(255, 204, 51, 255))
    for x in (88, 168):
        pen.ellipse((x - 14, 78, x + 14, 122), fill=(80, 50, 10, 255))
    pen.arc((70, 90, 186, 200), 20, 160, fill=(80, 50, 10, 255), width=14)
    return image


def photograph(name: str) -> Image.Image:
    from sklearn.datasets import load_sample_image

    return Image.fromarray(load_sample_image(name))


def plain(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def pictures() -> dict[str, Callable[[], Image.Image]]:
    """By name, which says what is to be seen: `digit-N…` is a digit as one is drawn, `garment-…` a garment's outline."""
    down, across = np.mgrid[0:SIDE, 0:SIDE]
    noise = np.random.default_rng(1).uniform(0, 255, (SIDE, SIDE))
    plain_digits = {f"digit-{n}": letter(lines) for n, lines in enumerate(DIGITS)}
    turned = Image.Transpose.ROTATE_180
    return plain_digits | {
        "digit-7-with-a-bar": letter([*DIGITS[7], [(0.35, 0.5), (0.85, 0.5)]]),
        "digit-3-small-in-a-corner": lambda: strokes(DIGITS[3], 1.5, (15, 2, 9)),
        "digit-5-by-a-thick-pen": lambda: strokes(DIGITS[5], 4.5),
        "digit-2-by-a-thin-pen": lambda: strokes(DIGITS[2], 1.0),
        "digit-4-dark-on-light": lambda: plain(255 - np.asarray(strokes(DIGITS[4]))),
        "digit-7-on-paper": lambda: on_paper(7, (7, 5, 14)),
        "digit-3-in-the-papers-corner": lambda: on_paper(3, (16, 16, 8)),
        "7-upside-down": lambda: strokes(DIGITS[7]).transpose(turned),
        "4-upside-down": lambda: strokes(DIGITS[4]).transpose(turned),
        "3-mirrored": lambda: strokes(DIGITS[3]).transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "half-an-8": lambda: plain(np.asarray(strokes(DIGITS[8])) * (down < 13)),
        "half-a-0": lambda: plain(np.asarray(strokes(DIGITS[0])) * (across < 13)),
        "2-and-5-side-by-side": lambda: strokes(
            [[(0.45 * x + shift, y) for x, y in line] for n, shift in ((2, 0.0), (5, 0.55)) for line in DIGITS[n]], 1.8
        ),
        "letter-A": letter([[(0.1, 1.0), (0.5, 0.0), (0.9, 1.0)], [(0.28, 0.6), (0.72, 0.6)]]),
        "letter-H": letter([[(0.15, 0), (0.15, 1)], [(0.85, 0), (0.85, 1)], [(0.15, 0.5), (0.85, 0.5)]]),
        "letter-L": letter([[(0.2, 0.0), (0.2, 1.0), (0.85, 1.0)]]),
        "letter-N": letter([[(0.15, 1.0), (0.15, 0.0), (0.85, 1.0), (0.85, 0.0)]]),
        "letter-T": letter([[(0.05, 0.0), (0.95, 0.0)], [(0.5, 0.0), (0.5, 1.0)]]),
        "letter-W": letter([[(0.0, 0.0), (0.25, 1.0), (0.5, 0.3), (0.75, 1.0), (1.0, 0.0)]]),
        "letter-gamma": letter([[(0.85, 0.0), (0.2, 0.0), (0.2, 1.0)]]),
        "letter-ya": letter([[*arc(0.55, 0.25, 0.35, 0.25, 270, 90), (0.8, 0.5)], [(0.8, 0), (0.8, 1)], [(0.5, 0.5), (0.15, 1)]]),
        "smiley": letter([*FACE, SMILE]),
        "emoji": emoji,
        "heart": lambda: strokes(heart()),
        "star": lambda: strokes(star(), 1.5),
        "house": letter([[(0.1, 1), (0.1, 0.45), (0.5, 0), (0.9, 0.45), (0.9, 1), (0.1, 1)], [(0.45, 1), (0.45, 0.7), (0.65, 0.7), (0.65, 1)]]),
        "arrow": letter([[(0.0, 0.5), (1.0, 0.5)], [(0.7, 0.2), (1.0, 0.5), (0.7, 0.8)]]),
        "check-mark": letter([[(0.05, 0.55), (0.35, 0.9), (0.95, 0.1)]]),
        "question-mark": letter([[*arc(0.5, 0.25, 0.3, 0.25, -180, 60), (0.5, 0.7)], [(0.5, 0.97), (0.5, 1.0)]]),
        "black": lambda: plain(np.zeros((SIDE, SIDE))),
        "white": lambda: plain(np.full((SIDE, SIDE), 255.0)),
        "noise": lambda: plain(noise),
        "grey-ramp": lambda: plain(across * 255 / (SIDE - 1)),
        "checkerboard": lambda: plain(255.0 * ((down // 4 + across // 4) % 2)),
        "photograph-of-a-temple": lambda: photograph("china.jpg"),
        "photograph-of-a-flower": lambda: photograph("flower.jpg"),
        "garment-shirt": lambda: filled([[(0.3, 0.1), (0.42, 0.16), (0.58, 0.16), (0.7, 0.1), (0.95, 0.3), (0.83, 0.45), (0.73, 0.36), (0.73, 0.92), (0.27, 0.92), (0.27, 0.36), (0.17, 0.45), (0.05, 0.3)]]),
        "garment-trouser": lambda: filled([[(0.32, 0.04), (0.68, 0.04), (0.72, 0.97), (0.55, 0.97), (0.5, 0.3), (0.45, 0.97), (0.28, 0.97)]]),
        "garment-bag": lambda: filled([[(0.08, 0.4), (0.92, 0.4), (0.92, 0.9), (0.08, 0.9)], [(0.3, 0.4), (0.33, 0.15), (0.67, 0.15), (0.7, 0.4), (0.63, 0.4), (0.61, 0.22), (0.39, 0.22), (0.37, 0.4)]]),
        "garment-boot": lambda: filled([[(0.4, 0.1), (0.75, 0.1), (0.78, 0.85), (0.05, 0.85), (0.05, 0.7), (0.38, 0.55)]]),
    }


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    drawn = pictures()
    for name, draw in drawn.items():
        draw().save(folder / f"{name}.png")
    print(f"{len(drawn)} pictures in {folder}")


main()
