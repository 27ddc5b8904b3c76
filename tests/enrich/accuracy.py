"""How often the labels are right: precision, recall and F1 for each label over the labelled notices in ``data/``.

Seven parts. ``tuned`` was looked at while the rules were written. ``held`` was written before the first rule; while tuning
only the number of its errors was read, never its texts. Both are of one author, so neither stands for texts of others.
``independent`` is of a second author who had read neither the taxonomy nor the other two; the rules were tuned on it after a
first measurement, whose figures ``docs/accuracy.md`` keeps: its own figures here are no longer those of unseen texts.
``fresh``, ``fresh2``, ``fresh3`` and ``fresh4`` were each committed before they were first measured, and tuned on after that.
Run ``python -m tests.enrich.accuracy`` (``make accuracy``).
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from streams.enrich.explain import as_json, explain

DATA = Path(__file__).parent / "data"
PARTS = ("tuned", "held", "independent", "fresh", "fresh2", "fresh3", "fresh4")
FLAGS = ("is_ai", "denied", "ai_relevant")
VALUES = ("sector", "modality", "kind")
LISTS = ("scenario", "algorithm")


@dataclass
class Score:
    """Counts of one label over one part."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of what was said that is so; 1 where nothing was said."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """The share of what is so that was said; 1 where there was nothing to say."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def notices(part: str) -> list[dict[str, Any]]:
    """The labelled notices of one part."""
    return [json.loads(line) for line in (DATA / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()]


def scores(part: str) -> dict[str, Score]:
    """The score of every label over ``part``. "other" is a value like any: saying it wrongly counts."""
    found: dict[str, Score] = {}
    for notice in notices(part):
        got = as_json(explain(notice["text"]))
        for label in (*FLAGS, *VALUES, *LISTS):
            if label in notice:
                want, said = (_set(label, value) for value in (notice[label], got[label]))
                _count(found.setdefault(label, Score()), want, said, notice["id"])
    return found


def _set(label: str, value: Any) -> set[str]:
    if label in FLAGS:
        return {"yes"} if value else set()
    return set(value) if label in LISTS else {value}


def _count(score: Score, want: set[str], said: set[str], ident: str) -> None:
    score.right += len(want & said)
    score.wrong += len(said - want)
    score.missed += len(want - said)
    if want != said:
        score.errors.append(ident)


def main() -> None:
    """Print the table."""
    for part in PARTS:
        rows = notices(part)
        table = Table(title=f"{part}: {len(rows)} notices, {Counter(r.get('is_ai') for r in rows)[True]} of them AI")
        for head in ("label", "precision", "recall", "F1", "notices with an error"):
            table.add_column(head)
        for label, score in scores(part).items():
            figures = (f"{value:.3f}" for value in (score.precision, score.recall, score.f1))
            table.add_row(label, *figures, str(len(score.errors)))
        Console(width=100).print(table)


if __name__ == "__main__":
    main()
