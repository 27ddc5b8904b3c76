"""www2.hkexnews.hk: the table of new listings, for sixty days after each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from simulator.facts import Project, Stage
from simulator.faults import Quirks
from simulator.markup import page
from simulator.sites.site import ALL_BUT_MARKUP, Timeline, shanghai
from simulator.web import Ask, Reply, marked

PAGES = {"/New-Listings/New-Listing-Information/Main-Board": "sehk", "/New-Listings/New-Listing-Information/GEM": "gem"}
LINGERS = timedelta(days=60)
FILES = "https://www1.hkexnews.hk/listedco/listconews"


class HkexListings:
    """The site. A page exists for each board."""

    hosts = ("www2.hkexnews.hk",)
    faults = ALL_BUT_MARKUP

    def __init__(self, projects: Sequence[Project]) -> None:
        found = [(p, stage) for p in projects for stage in p.stages if stage.status == "LT" and p.stock_code]
        self._rows = sorted(found, key=lambda row: row[1].at, reverse=True)
        self.timeline = Timeline(at for _, stage in found for at in (stage.at, stage.at + LINGERS))

    def newest(self, at: datetime) -> str | None:
        return next((p.stock_code for p, stage in self._rows if stage.at <= at), None)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        board = PAGES.get(ask.path)
        if board is None:
            return None
        rows = [
            (project, stage)
            for project, stage in self._rows
            if stage.at <= at < stage.at + LINGERS and project.board == board and quirks.listed(str(project.stock_code))
        ]
        body = page(
            "hkex_new_listings.html", updated=shanghai(at, "%d %b %Y"), rows=[_row(*row, quirks) for row in rows]
        )
        keys = marked((str(project.stock_code), project.illustrative) for project, _ in rows)
        return Reply(body, modified=at, illustrative=keys)


def _row(project: Project, stage: Stage, quirks: Quirks) -> dict[str, str]:
    stamp = f"{shanghai(stage.at, '%Y%m%d')}{int(project.id) % 100000:05d}"
    folder = "undated" if quirks.undated else shanghai(stage.at, "%Y/%m%d")
    name = quirks.title(str(project.stock_code), project.company_en or project.company)
    return {
        "code": str(project.stock_code),
        "name": name,
        "announcement": f"{FILES}/{project.board}/{folder}/{stamp}.pdf",
    }
