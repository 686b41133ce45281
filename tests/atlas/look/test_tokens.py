"""The colours and the face that everything is drawn with."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[3] / "atlas" / "static" / "atlas"
TOKENS = (STATIC / "tokens.css").read_text(encoding="utf-8")
TEXT = 4.5  # WCAG 2.2, 1.4.3: https://www.w3.org/TR/WCAG22/#contrast-minimum
CONTROL = 3.0  # WCAG 2.2, 1.4.11: https://www.w3.org/TR/WCAG22/#non-text-contrast

PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "muted", "accent") for ground in ("paper", "surface", "sunken")),
    *((signal, ground, TEXT) for signal in ("substantive", "minor") for ground in ("paper", "surface")),
    *((signal, f"{signal}-wash", TEXT) for signal in ("substantive", "minor", "added", "removed", "moved")),
    *((signal, "surface", TEXT) for signal in ("added", "removed", "moved")),
    ("ink", "moved-wash", TEXT),
    ("muted", "moved-wash", TEXT),
    ("ink", "minor-wash", TEXT),
    ("ink", "accent-wash", TEXT),
    ("muted", "accent-wash", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-strong", TEXT),
    ("edge", "paper", CONTROL),
    ("edge", "surface", CONTROL),
]


def token(name: str, mode: int) -> str:
    found = re.search(rf"--{name}: light-dark\((#\w{{6}}), (#\w{{6}})\)", TOKENS)
    assert found, f"no colour --{name}"
    return found.group(mode + 1)


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "ground", "least"), PAIRS, ids=[f"{front} on {ground}" for front, ground, _ in PAIRS]
)
def test_every_pair_of_colours_in_use_can_be_read(front: str, ground: str, least: float, mode: int) -> None:
    assert contrast(token(front, mode), token(ground, mode)) >= least


def test_the_face_is_small_and_carries_its_licence() -> None:
    assert (STATIC / "fonts" / "atlas-serif-latin.woff2").stat().st_size <= 40 * 1024
    assert "SIL OPEN FONT LICENSE" in (STATIC / "fonts" / "OFL.txt").read_text(encoding="utf-8")
