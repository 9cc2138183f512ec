"""WCAG contrast of the tokens in both themes: 4.5:1 for text on grounds and tints, 3:1 for controls and drawings."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parent.parent / "frontend" / "styles" / "tokens.css"
THEMES = ("light", "dark")
GROUNDS = ("surface", "canvas", "sunken", "hover", "accent-soft")
TONES = ("fail", "stale", "wait", "pass", "carry")
HEAT = ("heat-1", "heat-2", "heat-3", "heat-4")

TEXT = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "accent") for ground in GROUNDS),
    *((tone, ground) for tone in TONES for ground in ("surface", "canvas", "hover", "accent-soft", f"{tone}-soft")),
    *(("ink", f"{tone}-soft") for tone in TONES),
    *(("ink", heat) for heat in HEAT),
    ("on-ink", "button"),
    ("on-ink", "button-hover"),
    ("on-ink", "ink"),
    # white ticks and bars on signs and on steps that are done
    *(("surface", tone) for tone in TONES),
]
BORDERS = [
    *(("control", ground) for ground in ("surface", "canvas", "sunken", "hover", "accent-soft")),
    *(("accent", ground) for ground in GROUNDS),
    *((tone, "surface") for tone in TONES),
]


def tokens() -> dict[str, tuple[str, str]]:
    found = re.findall(r"--eg-([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", TOKENS.read_text())
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance of sRGB."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_is_readable_on_its_ground(ink: str, ground: str, theme: str) -> None:
    colours = {name: pair[THEMES.index(theme)] for name, pair in tokens().items()}

    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("line", "ground"), BORDERS)
def test_controls_and_drawings_stand_out_from_their_ground(line: str, ground: str, theme: str) -> None:
    colours = {name: pair[THEMES.index(theme)] for name, pair in tokens().items()}

    assert contrast(colours[line], colours[ground]) >= 3


def test_black_on_white_is_the_greatest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
