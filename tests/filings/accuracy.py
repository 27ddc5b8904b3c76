"""Recall of financial facts over generated filings, each read by the real extractor in its process.

``python -m tests.filings.accuracy`` (``make accuracy-filings``). Part ``written-with``: the phrasings that the rules were written
with. Part ``second``: phrasings and layouts written before the first rule; what was measured first is in docs/accuracy.md.
"""  # noqa: E501

from __future__ import annotations

import asyncio

from rich.console import Console
from rich.table import Table

from scrapers.files.extract import FileText
from scrapers.files.process import text_of
from tests.filings import corpus, held
from tests.filings.measure import scores
from tests.filings.truth import Paper


async def _texts(papers: list[Paper]) -> list[tuple[Paper, FileText]]:
    return [(paper, await text_of(paper.pdf)) for paper in papers]


def main() -> int:
    """Print a table for each part, then everything wrong. Exit code 1 where anything is."""
    console, all_wrong = Console(width=110), list[str]()
    for part, papers in (("written-with", corpus.corpus()), ("second", held.corpus())):
        by, wrong, unsaid = scores(asyncio.run(_texts(papers)))
        table = Table(title=f"{part}: {len(papers)} filings")
        for head in ("figure", "stated", "right", "not found", "wrong", "recall"):
            table.add_column(head, justify="right")
        for figure, score in by.items():
            stated = score.right + score.unsaid + len(score.wrong)
            cells = (stated, score.right, score.unsaid, len(score.wrong), f"{score.recall:.3f}")
            table.add_row(figure, *map(str, cells))
        console.print(table)
        for what in unsaid[:20]:
            console.print(f"not found: {what}", markup=False)
        all_wrong += wrong
    for what in all_wrong:
        console.print(f"wrong: {what}", style="red", markup=False)
    return 1 if all_wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
