"""Generated annual, interim and results reports and prospectuses: every stated fact is right or not found, none is wrong."""

from __future__ import annotations

import pytest

from scrapers.files.extract import extract
from scrapers.files.process import text_of
from tests.filings import corpus, held
from tests.filings.measure import judged, scores
from tests.filings.truth import Paper

PAPERS = corpus.corpus(6) + held.corpus(3)


def test_the_filings_are_many_and_of_every_kind() -> None:
    assert len(PAPERS) >= 60
    assert len({paper.pdf for paper in PAPERS}) == len(PAPERS)


def test_no_fact_is_wrong_and_nearly_all_are_found() -> None:
    by, wrong, _ = scores((paper, extract(paper.pdf)) for paper in PAPERS)
    assert wrong == []
    assert set(by) == {"revenue", "gross_profit", "rd_expense", "net_profit", "cash", "top_five_share_bp"}
    assert {figure for figure, score in by.items() if score.recall < 0.97} == set()


@pytest.mark.asyncio
@pytest.mark.parametrize("paper", [layout(3) for layout in corpus.LAYOUTS[::4]], ids=lambda paper: paper.name)
async def test_the_extractor_s_own_process_gives_the_same_facts(paper: Paper) -> None:
    verdicts = [verdict for _, verdict, _ in judged(paper, await text_of(paper.pdf))]
    assert "wrong" not in verdicts
    assert verdicts.count("right") > 3
