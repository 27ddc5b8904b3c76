"""How often facts are read out of generated filings: right, not found, wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from scrapers.files.extract import FileText
from streams.enrich.filings.document import Result, read
from streams.enrich.filings.reading import Reading
from tests.filings.truth import Paper, Period

Fact = tuple[Period, str]


@dataclass
class Score:
    """Facts of one layout or figure. ``unsaid`` are stated facts that were not found, or only
    to within a rounding where another place of the file states them exactly."""

    right: int = 0
    unsaid: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share of stated facts that were read."""
        return self.right / (self.right + self.unsaid) if self.right + self.unsaid else 1.0


def told(result: Result) -> dict[Fact, Reading]:
    """(Period, figure) → the reading that stands."""
    return {(found.period, figure): one for found in result.periods for figure, one in found.standing.items()}


def judged(paper: Paper, text: FileText) -> Iterator[tuple[str, str, str]]:
    """(figure, ``right``/``unsaid``/``wrong``, what) of every fact that is stated or was read."""
    said = told(read(paper.title, [text.pages]))
    truth = paper.truth
    for period, figure in sorted(truth.stated | said.keys()):
        want = truth.values.get((period, figure))
        currency = None if figure == "top_five_share_bp" else truth.currency
        got = said.get((period, figure))
        what = f"{paper.name} {period[0]}..{period[1]} {figure}: {got and (got.value, got.currency, got.quote)}, not {want}"
        if got is None:
            yield figure, "unsaid", what
        elif (got.value, got.currency) == (want, currency):
            yield figure, "right" if (period, figure) in truth.stated else "extra", what
        elif want is not None and got.currency == currency and abs(got.value - want) <= got.slack:
            yield figure, "unsaid", f"rounded: {what}"
        else:
            yield figure, "wrong", what


def scores(papers: Iterable[tuple[Paper, FileText]]) -> tuple[dict[str, Score], list[str], list[str]]:
    """Scores by figure, everything wrong, everything that was not found."""
    by: dict[str, Score] = {}
    wrong, unsaid = list[str](), list[str]()
    for paper, text in papers:
        for figure, verdict, what in judged(paper, text):
            score = by.setdefault(figure, Score())
            if verdict == "right":
                score.right += 1
            elif verdict == "unsaid":
                score.unsaid += 1
                unsaid.append(what)
            elif verdict == "wrong":
                score.wrong.append(what)
                wrong.append(what)
    return by, wrong, unsaid


__all__ = ["Counter", "Score", "judged", "scores", "told"]
