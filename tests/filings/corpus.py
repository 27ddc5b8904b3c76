"""The filings that the rules were written with: real phrasings, varied layouts, and traps."""

from __future__ import annotations

from tests.filings import hans, hant, prospectus
from tests.filings.truth import Paper

LAYOUTS = (
    hans.annual,
    hans.interim,
    hant.chinese_annual,
    hant.chinese_interim,
    hant.english_annual,
    hant.english_interim,
    prospectus.star_market,
    prospectus.english_proof,
    prospectus.chinese_proof,
)


def corpus(each: int = 8) -> list[Paper]:
    """Every layout under several seeds."""
    return [layout(seed) for layout in LAYOUTS for seed in range(each)]
