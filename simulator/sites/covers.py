"""The files of announcements: a PDF of one page each, which says who announces what and states no figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from simulator.facts import Announcement
from simulator.faults import Quirks
from simulator.pdf import pdf
from simulator.sites.site import ALL_BUT_MARKUP, Timeline, shanghai
from simulator.web import Ask, Reply, marked


def finalpage(row: Announcement) -> str:
    """The path of an announcement's file, below the folder of its host."""
    return f"finalpage/{shanghai(row.published, '%Y-%m-%d')}/{row.id}.PDF"


class Covers:
    """The files of one host, below ``folder``. They are no items of a list: none is ever the newest."""

    faults = ALL_BUT_MARKUP

    def __init__(self, host: str, folder: str, announcements: Sequence[Announcement]) -> None:
        self.hosts = (host,)
        self._rows = {f"{folder}/{finalpage(row)}": row for row in announcements}
        self.timeline = Timeline(row.published for row in announcements)

    def newest(self, at: datetime) -> str | None:  # noqa: ARG002
        return None

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:  # noqa: ARG002
        row = self._rows.get(ask.path)
        if row is None or row.published > at:
            return None
        lines = (f"证券代码：{row.code}", f"证券简称：{row.name}", row.title)
        return Reply(pdf([lines]), "application/pdf", illustrative=marked([(row.id, row.illustrative)]))
