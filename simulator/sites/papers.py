"""Files that pages link to: the PDF of each `Paper` of one host."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from simulator.facts import Paper
from simulator.faults import Quirks
from simulator.pdf import pdf
from simulator.sites.site import ALL_BUT_MARKUP, Timeline
from simulator.web import Ask, Reply, marked


class Papers:
    """The files of one host. They are no items of a list: none is ever the newest."""

    faults = ALL_BUT_MARKUP

    def __init__(self, host: str, papers: Sequence[Paper]) -> None:
        self.hosts = (host,)
        self._papers = {paper.path: paper for paper in papers if paper.host == host}
        self.timeline = Timeline(paper.published for paper in self._papers.values())

    def newest(self, at: datetime) -> str | None:  # noqa: ARG002
        return None

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:  # noqa: ARG002
        paper = self._papers.get(ask.path)
        if paper is None or paper.published > at:
            return None
        return Reply(pdf(paper.pages), "application/pdf", illustrative=marked([(paper.path, paper.illustrative)]))
