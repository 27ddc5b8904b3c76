"""The colours, for charts. `static/board.css` holds the same ones as CSS variables; a test keeps the two equal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Theme(StrEnum):
    """Light and dark, as ``prefers-color-scheme`` names them."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Palette:
    """Hex colours. Text colours reach a contrast of 4.5 on ``paper``, marks reach 3 (WCAG 2.2, 1.4.3 and 1.4.11)."""

    paper: str
    ink: str
    muted: str
    rule: str
    track: str
    line: str
    accent: str
    steps: tuple[str, str, str, str]


PALETTES: dict[Theme, Palette] = {
    Theme.LIGHT: Palette(
        paper="#fbfaf6",
        ink="#17191c",
        muted="#5b5f66",
        rule="#d9d5c9",
        track="#e7e3d8",
        line="#1f4f7a",
        accent="#b3311b",
        steps=("#1f4f7a", "#5b86ab", "#8a7a52", "#b3311b"),
    ),
    Theme.DARK: Palette(
        paper="#121417",
        ink="#ece9e1",
        muted="#a4a7ad",
        rule="#31353b",
        track="#23272c",
        line="#8db8e2",
        accent="#ff8a6c",
        steps=("#8db8e2", "#5584b0", "#b9a46c", "#ff8a6c"),
    ),
}
